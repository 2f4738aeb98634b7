//! The pool of texts that the records point into.

use std::collections::HashMap;

use crate::Result;

/// Texts, each once, numbered from 1 in the order of first use.
pub(super) struct Strings {
    numbers: HashMap<String, u16>,
    ends: Vec<u32>,
    text: String,
}

impl Strings {
    pub(super) fn new() -> Self {
        Self {
            numbers: HashMap::new(),
            ends: vec![0],
            text: String::new(),
        }
    }

    /// The number of this text; 0 for none or an empty one.
    pub(super) fn number(&mut self, text: Option<&str>) -> Result<u16> {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Ok(0);
        };
        if let Some(number) = self.numbers.get(text) {
            return Ok(*number);
        }
        let number = u16::try_from(self.ends.len()).map_err(|_| "more than 65535 texts")?;
        self.text.push_str(text);
        self.ends.push(u32::try_from(self.text.len())?);
        self.numbers.insert(text.to_owned(), number);
        Ok(number)
    }

    /// The offsets (record `n` is where text `n` begins, `n + 1` where it ends) and the text.
    pub(super) fn finish(self) -> (Vec<u8>, usize, String) {
        let count = self.ends.len();
        // Text 1 begins at 0, where the absent text 0 is too.
        let mut offsets = vec![0; 4];
        offsets.extend(self.ends.iter().flat_map(|end| end.to_le_bytes()));
        (offsets, count, self.text)
    }
}
