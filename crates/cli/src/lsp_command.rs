//! `palisade lsp`.

use crate::BAD_INPUT;
use clap::Args;
use lint::editor::{self, CompletionKind};
use lint::{Edit, Finding, Input, Options, Severity, rules};
use lsp_server::{Connection, Message, Notification, Request, Response};
use lsp_types as lsp;
use lsp_types::notification::{
    DidChangeTextDocument, DidCloseTextDocument, DidOpenTextDocument, Notification as _,
    PublishDiagnostics,
};
use lsp_types::request::{CodeActionRequest, Completion, HoverRequest, Request as _};
use policy::text::{Source, Span};
use serde_json::Value;
use std::collections::HashMap;
use std::error::Error;
use std::process::ExitCode;

/// Speaks the Language Server Protocol on standard input and output: the findings of `palisade check` while a policy is
/// written, their fixes, completion of actions, keys and ARNs, and what they mean.
#[derive(Debug, Args)]
pub(crate) struct Lsp {
    /// Editors pass this; there is no other way of talking.
    #[arg(long, hide = true)]
    stdio: bool,
}

impl Lsp {
    pub(crate) fn run(self) -> ExitCode {
        let (connection, threads) = Connection::stdio();
        let served = serve(&connection);
        drop(connection);
        let joined = threads.join();
        match served.and_then(|()| joined.map_err(Into::into)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("palisade: {error}");
                ExitCode::from(BAD_INPUT)
            }
        }
    }
}

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn serve(connection: &Connection) -> Outcome<()> {
    connection.initialize(serde_json::to_value(capabilities())?)?;
    let mut server = Server {
        connection,
        texts: HashMap::new(),
        options: Options {
            config: crate::check_command::config_of_folder()?,
            today: Some(jiff::Zoned::now().date()),
        },
    };
    for message in &connection.receiver {
        match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request)? {
                    return Ok(());
                }
                server.request(request)?;
            }
            Message::Notification(notification) => server.notification(notification)?,
            Message::Response(_) => {}
        }
    }
    Ok(())
}

fn capabilities() -> lsp::ServerCapabilities {
    let triggers = ["\"", ":", "{", "/", "$"];
    lsp::ServerCapabilities {
        text_document_sync: Some(lsp::TextDocumentSyncKind::FULL.into()),
        completion_provider: Some(lsp::CompletionOptions {
            trigger_characters: Some(triggers.map(str::to_owned).to_vec()),
            ..Default::default()
        }),
        hover_provider: Some(true.into()),
        code_action_provider: Some(true.into()),
        ..Default::default()
    }
}

struct Server<'a> {
    connection: &'a Connection,
    texts: HashMap<lsp::Uri, Source>,
    options: Options,
}

impl Server<'_> {
    fn request(&mut self, request: Request) -> Outcome<()> {
        let Request { id, method, params } = request;
        let answer = match method.as_str() {
            Completion::METHOD => parsed(params).map(|params| self.completion(&params)),
            HoverRequest::METHOD => parsed(params).map(|params| self.hover(&params)),
            CodeActionRequest::METHOD => parsed(params).map(|params| self.actions(&params)),
            _ => {
                let code = lsp_server::ErrorCode::MethodNotFound as i32;
                let response = Response::new_err(id, code, format!("no method `{method}`"));
                self.connection.sender.send(response.into())?;
                return Ok(());
            }
        };
        let response = match answer {
            Ok(result) => Response::new_ok(id, result),
            Err(error) => {
                let code = lsp_server::ErrorCode::InvalidParams as i32;
                Response::new_err(id, code, error.to_string())
            }
        };
        self.connection.sender.send(response.into())?;
        Ok(())
    }

    fn notification(&mut self, notification: Notification) -> Outcome<()> {
        let Notification { method, params } = notification;
        match method.as_str() {
            DidOpenTextDocument::METHOD => {
                let params: lsp::DidOpenTextDocumentParams = serde_json::from_value(params)?;
                self.changed(params.text_document.uri, params.text_document.text)
            }
            DidChangeTextDocument::METHOD => {
                let params: lsp::DidChangeTextDocumentParams = serde_json::from_value(params)?;
                match params.content_changes.into_iter().next_back() {
                    Some(change) => self.changed(params.text_document.uri, change.text),
                    None => Ok(()),
                }
            }
            DidCloseTextDocument::METHOD => {
                let params: lsp::DidCloseTextDocumentParams = serde_json::from_value(params)?;
                self.texts.remove(&params.text_document.uri);
                self.publish(params.text_document.uri, Vec::new())
            }
            _ => Ok(()),
        }
    }

    fn changed(&mut self, uri: lsp::Uri, text: String) -> Outcome<()> {
        let source = Source::named(file_name(&uri), text);
        let findings = self.findings(&source);
        let diagnostics = findings.iter().map(diagnostic).collect();
        self.texts.insert(uri.clone(), source);
        self.publish(uri, diagnostics)
    }

    /// The findings of one text. What is not of this text, such as an unused suppression, is left to the command line.
    fn findings(&self, source: &Source) -> Vec<Finding> {
        let input = Input {
            source: source.clone(),
            kind: None,
        };
        let report = lint::check(&[input], &self.options);
        let here = |finding: &Finding| finding.source == *source;
        report.findings.into_iter().filter(here).collect()
    }

    fn publish(&self, uri: lsp::Uri, diagnostics: Vec<lsp::Diagnostic>) -> Outcome<()> {
        let params = lsp::PublishDiagnosticsParams::new(uri, diagnostics, None);
        let method = PublishDiagnostics::METHOD.to_owned();
        let notification = Notification::new(method, params);
        self.connection.sender.send(notification.into())?;
        Ok(())
    }

    fn completion(&self, params: &lsp::CompletionParams) -> Value {
        let at = &params.text_document_position;
        let Some(source) = self.texts.get(&at.text_document.uri) else {
            return Value::Null;
        };
        let found = editor::complete(source, offset(source, at.position));
        let items: Vec<lsp::CompletionItem> = found
            .into_iter()
            .map(|found| {
                let edit = lsp::TextEdit::new(range(source, found.replaces), found.text.clone());
                lsp::CompletionItem {
                    label: found.text,
                    detail: Some(found.detail).filter(|detail| !detail.is_empty()),
                    kind: Some(item_kind(found.kind)),
                    text_edit: Some(edit.into()),
                    ..Default::default()
                }
            })
            .collect();
        serde_json::to_value(items).unwrap_or_default()
    }

    fn hover(&self, params: &lsp::HoverParams) -> Value {
        let at = &params.text_document_position_params;
        let Some(source) = self.texts.get(&at.text_document.uri) else {
            return Value::Null;
        };
        let Some(found) = editor::hover(source, offset(source, at.position)) else {
            return Value::Null;
        };
        let contents = lsp::MarkupContent {
            kind: lsp::MarkupKind::Markdown,
            value: found.markdown,
        };
        let hover = lsp::Hover {
            contents: lsp::HoverContents::Markup(contents),
            range: Some(range(source, found.span)),
        };
        serde_json::to_value(hover).unwrap_or_default()
    }

    /// The fixes of the findings within the range.
    fn actions(&self, params: &lsp::CodeActionParams) -> Value {
        let uri = &params.text_document.uri;
        let Some(source) = self.texts.get(uri) else {
            return Value::Null;
        };
        let touches = |finding: &&Finding| {
            let place = range(source, finding.span);
            place.start <= params.range.end && params.range.start <= place.end
        };
        let findings = self.findings(source);
        let actions: Vec<lsp::CodeAction> = findings
            .iter()
            .filter(touches)
            .filter_map(|finding| action(source, uri, finding))
            .collect();
        serde_json::to_value(actions).unwrap_or_default()
    }
}

fn parsed<T: serde::de::DeserializeOwned>(params: Value) -> Result<T, serde_json::Error> {
    serde_json::from_value(params)
}

fn action(source: &Source, uri: &lsp::Uri, finding: &Finding) -> Option<lsp::CodeAction> {
    let fix = finding.fix.as_ref()?;
    let edit = |edit: &Edit| lsp::TextEdit::new(range(source, edit.span), edit.text.clone());
    let edits = fix.edits.iter().map(edit).collect();
    #[expect(
        clippy::mutable_key_type,
        reason = "the protocol's type; what changes in a `Uri` is not what it is compared by"
    )]
    let changes = [(uri.clone(), edits)].into_iter().collect();
    Some(lsp::CodeAction {
        title: format!("{} ({})", fix.title, finding.rule.code),
        kind: Some(lsp::CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![diagnostic(finding)]),
        edit: Some(lsp::WorkspaceEdit {
            changes: Some(changes),
            ..Default::default()
        }),
        is_preferred: Some(fix.safe),
        ..Default::default()
    })
}

fn diagnostic(finding: &Finding) -> lsp::Diagnostic {
    let severity = match finding.severity {
        Severity::Error => lsp::DiagnosticSeverity::ERROR,
        Severity::Security | Severity::Warning => lsp::DiagnosticSeverity::WARNING,
        Severity::Suggestion => lsp::DiagnosticSeverity::INFORMATION,
    };
    let mut message = finding.reason.clone();
    if let Some(help) = &finding.help {
        message = format!("{message}\nfix: {help}");
    }
    lsp::Diagnostic {
        range: range(&finding.source, finding.span),
        severity: Some(severity),
        code: Some(lsp::NumberOrString::String(finding.rule.code.to_owned())),
        source: Some("palisade".to_owned()),
        message,
        data: rules::find(finding.rule.code).map(|rule| rule.name.into()),
        ..Default::default()
    }
}

fn item_kind(kind: CompletionKind) -> lsp::CompletionItemKind {
    match kind {
        CompletionKind::Service => lsp::CompletionItemKind::MODULE,
        CompletionKind::Action => lsp::CompletionItemKind::FUNCTION,
        CompletionKind::Key => lsp::CompletionItemKind::VARIABLE,
        CompletionKind::Operator => lsp::CompletionItemKind::OPERATOR,
        CompletionKind::Arn => lsp::CompletionItemKind::REFERENCE,
        CompletionKind::Element => lsp::CompletionItemKind::PROPERTY,
        CompletionKind::Value => lsp::CompletionItemKind::VALUE,
    }
}

fn offset(source: &Source, position: lsp::Position) -> usize {
    editor::offset(source.text(), position.line, position.character)
}

fn range(source: &Source, span: Span) -> lsp::Range {
    let place = |offset| {
        let (line, column) = editor::position(source, offset);
        lsp::Position::new(line, column)
    };
    lsp::Range::new(place(span.start), place(span.end))
}

/// The path of a file's URI; what is no file keeps its URI.
fn file_name(uri: &lsp::Uri) -> String {
    let text = uri.as_str();
    match text.strip_prefix("file://") {
        Some(path) => decoded(path),
        None => text.to_owned(),
    }
}

fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let code = behind
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|code| str::from_utf8(code).ok())
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = behind.get(2..).unwrap_or(&[]);
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
