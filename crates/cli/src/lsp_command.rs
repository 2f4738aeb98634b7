//! `palisade lsp`.

use crate::BAD_INPUT;
use clap::Args;
use lint::editor::{self, CompletionKind};
use lint::{Config, Edit, Finding, Input, Options, Severity, rules};
use lsp_server::{Connection, Message, Notification, Request, Response};
use lsp_types as lsp;
use lsp_types::notification::{
    DidChangeTextDocument, DidCloseTextDocument, DidOpenTextDocument, Exit, Notification as _,
    PublishDiagnostics, ShowMessage,
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
        match served.and_then(|end| joined.map(|()| end).map_err(Into::into)) {
            Ok(End::Asked) => ExitCode::SUCCESS,
            // The protocol's code for a client that leaves without saying goodbye.
            Ok(End::Left) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("palisade: {error}");
                ExitCode::from(BAD_INPUT)
            }
        }
    }
}

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How a client ends.
#[derive(Clone, Copy)]
enum End {
    /// With `shutdown`, and then `exit`.
    Asked,
    /// With `exit` alone, or by closing the line.
    Left,
}

fn serve(connection: &Connection) -> Outcome<End> {
    connection.initialize(serde_json::to_value(capabilities())?)?;
    let (config, wrong) = match crate::check_command::config_of_folder() {
        Ok(config) => (config, None),
        Err(wrong) => (Config::default(), Some(wrong)),
    };
    let mut server = Server {
        connection,
        texts: HashMap::new(),
        options: Options {
            config,
            today: Some(jiff::Zoned::now().date()),
        },
    };
    if let Some(wrong) = wrong {
        server.tell(format!("the configuration is not used: {wrong}"))?;
    }
    for message in &connection.receiver {
        match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request)? {
                    return Ok(End::Asked);
                }
                server.request(request)?;
            }
            Message::Notification(notification) if notification.method == Exit::METHOD => break,
            Message::Notification(notification) => server.notification(notification)?,
            Message::Response(_) => {}
        }
    }
    Ok(End::Left)
}

fn capabilities() -> lsp::ServerCapabilities {
    let triggers = ["\"", ":", "{", "/", "$"];
    lsp::ServerCapabilities {
        text_document_sync: Some(lsp::TextDocumentSyncKind::INCREMENTAL.into()),
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
        let read = match method.as_str() {
            DidOpenTextDocument::METHOD => parsed(params).map(|it| self.opened(it)),
            DidChangeTextDocument::METHOD => parsed(params).map(|it| self.edited(it)),
            DidCloseTextDocument::METHOD => parsed(params).map(|it| self.closed(it)),
            // Answers are given in the order of the questions: there is nothing to cancel.
            _ => return Ok(()),
        };
        match read {
            Ok(done) => done,
            Err(error) => self.tell(format!("`{method}` was not understood: {error}")),
        }
    }

    fn opened(&mut self, params: lsp::DidOpenTextDocumentParams) -> Outcome<()> {
        let document = params.text_document;
        self.changed(document.uri, document.version, document.text)
    }

    /// Each change is of the text that the one before it left.
    fn edited(&mut self, params: lsp::DidChangeTextDocumentParams) -> Outcome<()> {
        let lsp::VersionedTextDocumentIdentifier { uri, version } = params.text_document;
        let Some(known) = self.texts.get(&uri) else {
            return self.tell(format!("`{}` changed and was not opened", uri.as_str()));
        };
        let mut text = known.text().to_owned();
        for change in params.content_changes {
            match change.range {
                None => text = change.text,
                Some(range) => {
                    let at =
                        |place: lsp::Position| editor::offset(&text, place.line, place.character);
                    let (start, end) = (at(range.start), at(range.end));
                    text.replace_range(start..end.max(start), &change.text);
                }
            }
        }
        self.changed(uri, version, text)
    }

    fn closed(&mut self, params: lsp::DidCloseTextDocumentParams) -> Outcome<()> {
        self.texts.remove(&params.text_document.uri);
        self.publish(params.text_document.uri, Vec::new(), None)
    }

    fn changed(&mut self, uri: lsp::Uri, version: i32, text: String) -> Outcome<()> {
        let source = Source::named(file_name(&uri), text);
        let findings = self.findings(&source);
        let diagnostics = findings.iter().map(diagnostic).collect();
        self.texts.insert(uri.clone(), source);
        self.publish(uri, diagnostics, Some(version))
    }

    /// Tells who is in front of the editor.
    fn tell(&self, message: String) -> Outcome<()> {
        let params = lsp::ShowMessageParams {
            typ: lsp::MessageType::WARNING,
            message,
        };
        let notification = Notification::new(ShowMessage::METHOD.to_owned(), params);
        self.connection.sender.send(notification.into())?;
        Ok(())
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

    fn publish(
        &self,
        uri: lsp::Uri,
        diagnostics: Vec<lsp::Diagnostic>,
        version: Option<i32>,
    ) -> Outcome<()> {
        let params = lsp::PublishDiagnosticsParams::new(uri, diagnostics, version);
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
