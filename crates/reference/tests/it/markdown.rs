//! Reads the part of Markdown that the specification is written in, strictly.

use std::collections::BTreeMap;

/// A table whose rows are cases, or samples of operators.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) headers: Vec<String>,
    pub(crate) rows: Vec<Row>,
    /// Members of the case that the section gives to every row, as JSON text.
    pub(crate) given: Vec<(String, String)>,
}

/// A row: its cells by header, without the back-quotes.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// `file:line`
    pub(crate) place: String,
    pub(crate) cells: BTreeMap<String, String>,
}

/// A file of the specification.
#[derive(Debug, Default)]
pub(crate) struct File {
    pub(crate) tables: Vec<Table>,
    /// Named policies, as JSON text.
    pub(crate) policies: BTreeMap<String, String>,
}

impl Row {
    /// The cell under a header; `-` and a missing column count as none.
    pub(crate) fn get(&self, header: &str) -> Option<&str> {
        self.cells
            .get(header)
            .map(String::as_str)
            .filter(|cell| *cell != "-")
    }

    /// The cell under a header that must be there.
    pub(crate) fn need(&self, header: &str) -> Result<&str, String> {
        self.get(header)
            .ok_or_else(|| format!("{}: no `{header}`", self.place))
    }
}

/// Reads a file. Every problem names its line.
pub(crate) fn read(name: &str, text: &str) -> Result<File, String> {
    let mut file = File::default();
    let mut given: Vec<(String, String)> = Vec::new();
    let mut status: Option<String> = None;
    let mut lines = text.lines().enumerate().map(|(i, l)| (i + 1, l)).peekable();
    while let Some((number, line)) = lines.next() {
        let place = format!("{name}:{number}");
        if line.starts_with('#') {
            status = None;
            given.clear();
        } else if let Some(stated) = line.strip_prefix("Status: ") {
            check_status(stated).map_err(|e| format!("{place}: {e}"))?;
            status = Some(stated.to_owned());
        } else if let Some(info) = line.strip_prefix("```") {
            let mut body = Vec::new();
            loop {
                match lines.next() {
                    Some((_, "```")) => break,
                    Some((_, inside)) => body.push(inside),
                    None => return Err(format!("{place}: the block does not end")),
                }
            }
            block(&mut file, &mut given, info, &body.join("\n"))
                .map_err(|e| format!("{place}: {e}"))?;
        } else if line.starts_with('|') {
            let headers = cells(line);
            let ruler = lines.next().map(|(_, l)| cells(l)).unwrap_or_default();
            if ruler.len() != headers.len()
                || !ruler.iter().all(|c| c.trim_matches([':', '-']).is_empty())
            {
                return Err(format!("{place}: no `|---|` line under the headers"));
            }
            let mut rows = Vec::new();
            while let Some((number, line)) = lines.next_if(|(_, l)| l.starts_with('|')) {
                rows.push(row(
                    &format!("{name}:{number}"),
                    line,
                    &headers,
                    status.as_deref(),
                )?);
            }
            // A table without an `id` and without samples is for the reader only.
            if headers[0] == "id" || headers[0] == "sample of" {
                if rows.is_empty() {
                    return Err(format!("{place}: a table without rows"));
                }
                file.tables.push(Table {
                    headers,
                    rows,
                    given: given.clone(),
                });
            }
        }
    }
    Ok(file)
}

fn block(
    file: &mut File,
    given: &mut Vec<(String, String)>,
    info: &str,
    body: &str,
) -> Result<(), String> {
    let words: Vec<&str> = info.split(' ').collect();
    match words.as_slice() {
        ["json", "policy", name] => {
            reference::Json::parse(body).map_err(|e| e.to_string())?;
            match file.policies.insert((*name).to_owned(), body.to_owned()) {
                None => Ok(()),
                Some(_) => Err(format!("a second policy `{name}`")),
            }
        }
        ["json", "given"] => {
            let reference::Json::Object(members) =
                reference::Json::parse(body).map_err(|e| e.to_string())?
            else {
                return Err("`given` is not an object".to_owned());
            };
            *given = members
                .into_iter()
                .map(|(k, v)| (k, v.to_string()))
                .collect();
            Ok(())
        }
        ["json", "example"] | ["text"] | ["sh"] => Ok(()),
        _ => Err(format!("a block of kind `{info}` is unknown")),
    }
}

fn row(place: &str, line: &str, headers: &[String], status: Option<&str>) -> Result<Row, String> {
    let cells = cells(line);
    if cells.len() != headers.len() {
        return Err(format!(
            "{place}: {} cells under {} headers",
            cells.len(),
            headers.len()
        ));
    }
    let mut row = Row {
        place: place.to_owned(),
        cells: headers.iter().cloned().zip(cells).collect(),
    };
    if headers[0] == "id" {
        let stated = row
            .get("status")
            .map(str::to_owned)
            .or(status.map(str::to_owned));
        let stated = stated.ok_or_else(|| format!("{place}: no status here or above the table"))?;
        check_status(&stated).map_err(|e| format!("{place}: {e}"))?;
        row.cells.insert("status".to_owned(), stated);
    }
    Ok(row)
}

/// `cited C.6`, `derived C.6`, `disputed I.3`: a status names its source; a dispute names the open
/// question that decides it.
fn check_status(text: &str) -> Result<(), String> {
    let rest = |word| {
        text.strip_prefix(word)
            .filter(|rest: &&str| !rest.trim().is_empty())
    };
    if rest("cited ").is_some() || rest("derived ").is_some() {
        return Ok(());
    }
    match rest("disputed ") {
        Some(option) if option.starts_with("I.") => Ok(()),
        _ => Err(format!("`{text}` is not a status")),
    }
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    // `\|` is a bar inside a cell.
    inner
        .replace("\\|", "\u{0}")
        .split('|')
        .map(|cell| unquote(cell.trim()).replace('\u{0}', "|"))
        .collect()
}

/// Takes the back-quotes off a cell that is one piece of code.
fn unquote(cell: &str) -> &str {
    let inner = cell
        .strip_prefix("``")
        .and_then(|c| c.strip_suffix("``"))
        .map(str::trim);
    let inner = inner.or_else(|| cell.strip_prefix('`').and_then(|c| c.strip_suffix('`')));
    inner.filter(|inner| !inner.contains('`')).unwrap_or(cell)
}
