//! `palisade lsp`, as an editor talks to it.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

struct Editor {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Editor {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_palisade"))
            .args(["lsp", "--stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = child.stdin.take().unwrap();
        let from = BufReader::new(child.stdout.take().unwrap());
        Self { child, to, from }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.to.flush().unwrap();
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.from.read_line(&mut line).unwrap();
            match line.trim().split_once(": ") {
                Some(("Content-Length", number)) => length = number.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut bytes = vec![0; length];
        self.from.read_exact(&mut bytes).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }));
        let mut answer = self.receive();
        answer
            .get_mut("result")
            .map(Value::take)
            .unwrap_or_default()
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }
}

#[test]
fn an_editor_gets_findings_fixes_completion_and_meaning() {
    let mut editor = Editor::start();
    let capabilities = editor.ask("initialize", json!({ "capabilities": {} }));
    assert_eq!(capabilities["capabilities"]["hoverProvider"], true);
    editor.tell("initialized", json!({}));
    let uri = "file:///tmp/p%C3%BC.json";
    let text = "{ \"Version\": \"2012-10-17\",\n  \"Statement\": { \"Sid\": \"Ü\", \"Effect\": \"allow\", \"Action\": \"s3:GetObj\",\n    \"Resource\": \"*\" } }";
    let document = json!({ "uri": uri, "languageId": "json", "version": 1, "text": text });
    editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
    let told = editor.receive();
    let diagnostics = told["params"]["diagnostics"].as_array().unwrap().clone();
    let effect = diagnostics.iter().find(|d| d["code"] == "PAL018").unwrap();
    assert_eq!(
        effect["range"]["start"],
        json!({ "line": 1, "character": 39 })
    );

    let identifier = json!({ "uri": uri });
    let range = effect["range"].clone();
    let context = json!({ "diagnostics": [] });
    let params = json!({ "textDocument": identifier, "range": range, "context": context });
    let actions = editor.ask("textDocument/codeAction", params);
    assert_eq!(actions[0]["edit"]["changes"][uri][0]["newText"], "Allow");

    let at = json!({ "line": 1, "character": 67 });
    let params = json!({ "textDocument": identifier, "position": at });
    let items = editor.ask("textDocument/completion", params.clone());
    let labels: Vec<&str> = items
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["label"].as_str().unwrap())
        .collect();
    assert!(labels.contains(&"s3:GetObject"), "{labels:?}");

    let at = json!({ "line": 1, "character": 4 });
    let nothing = editor.ask(
        "textDocument/hover",
        json!({ "textDocument": identifier, "position": at }),
    );
    assert_eq!(nothing, Value::Null);

    let change = json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [{ "text": text.replace("allow", "Allow").replace("GetObj", "GetObject").replace('Ü', "U") }] });
    editor.tell("textDocument/didChange", change);
    assert_eq!(editor.receive()["params"]["diagnostics"], json!([]));
    let hover = editor.ask("textDocument/hover", params);
    assert!(
        hover["contents"]["value"]
            .as_str()
            .unwrap()
            .contains("**s3:GetObject** · Read")
    );

    editor.ask("shutdown", Value::Null);
    editor.tell("exit", Value::Null);
    assert!(editor.child.wait().unwrap().success());
}

/// What a client sends wrong is told, and ends nothing; what it changes in part is changed where UTF-16 counts it.
#[test]
fn an_editor_changes_parts_and_makes_mistakes() {
    let mut editor = Editor::start();
    let capabilities = editor.ask("initialize", json!({ "capabilities": {} }));
    assert_eq!(capabilities["capabilities"]["textDocumentSync"], 2);
    editor.tell("initialized", json!({}));
    for (method, params) in [
        ("textDocument/didOpen", json!({ "textDocument": 3 })),
        ("textDocument/didChange", json!(null)),
        (
            "textDocument/didChange",
            json!({ "textDocument": { "uri": "file:///never.json", "version": 1 }, "contentChanges": [] }),
        ),
    ] {
        editor.tell(method, params);
        assert_eq!(editor.receive()["method"], "window/showMessage", "{method}");
    }
    editor.tell("$/cancelRequest", json!({ "id": 7 }));
    editor.send(
        &json!({ "jsonrpc": "2.0", "id": 2, "method": "textDocument/nothing", "params": {} }),
    );
    assert_eq!(editor.receive()["error"]["code"], -32601);
    editor
        .send(&json!({ "jsonrpc": "2.0", "id": 3, "method": "textDocument/hover", "params": [] }));
    assert_eq!(editor.receive()["error"]["code"], -32602);

    let uri = "file:///tmp/p.json";
    let text = "{ \"Version\": \"2012-10-17\",\r\n  \"Statement\": { \"Sid\": \"😀a\", \"Effect\": \"Deny\", \"Action\": \"s3:*\", \"Resource\": \"*\" } }";
    let document = json!({ "uri": uri, "languageId": "json", "version": 1, "text": text });
    editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
    let told = editor.receive();
    assert_eq!(told["params"]["version"], 1);
    assert_eq!(told["params"]["diagnostics"][0]["code"], "PAL022");
    // The face is two units of UTF-16: behind it, `a`; then the effect.
    let part = |start: u32, end: u32, text: &str| {
        let place = |character: u32| json!({ "line": 1, "character": character });
        json!({ "range": { "start": place(start), "end": place(end) }, "text": text })
    };
    let changes = json!([part(25, 27, ""), part(26, 26, "b"), part(41, 45, "deny")]);
    let identifier = json!({ "uri": uri, "version": 2 });
    editor.tell(
        "textDocument/didChange",
        json!({ "textDocument": identifier, "contentChanges": changes }),
    );
    let told = editor.receive();
    assert_eq!(told["params"]["version"], 2);
    let codes: Vec<&Value> = told["params"]["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| &found["code"])
        .collect();
    assert_eq!(codes, ["PAL018"], "{told}");

    editor.tell(
        "textDocument/didClose",
        json!({ "textDocument": { "uri": uri } }),
    );
    assert_eq!(editor.receive()["params"]["diagnostics"], json!([]));
    editor.tell("exit", Value::Null);
    assert_eq!(editor.child.wait().unwrap().code(), Some(1));
}
