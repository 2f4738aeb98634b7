//! A body on its way through MD5, and several of them side by side.

use bytes::Bytes;

use super::Md5;
use super::block::{SIZE, START, compress};

/// How many bodies go side by side.
pub(super) const LANES: usize = 4;
/// Blocks after which others get their turn.
const TURN: usize = 1_024;

/// A body as far as it was hashed.
pub(super) struct Input {
    state: [u32; 4],
    /// What is less than a block.
    rest: Vec<u8>,
    length: u64,
    /// What comes next.
    next: Bytes,
}

impl Default for Input {
    fn default() -> Self {
        Self {
            state: START,
            rest: Vec::with_capacity(SIZE),
            length: 0,
            next: Bytes::new(),
        }
    }
}

impl Input {
    /// Whether all that was given is hashed.
    pub(super) fn is_done(&self) -> bool {
        self.next.is_empty()
    }

    /// Gives the next bytes, when all before were hashed.
    pub(super) fn give(&mut self, data: Bytes) {
        self.length = self.length.wrapping_add(data.len() as u64);
        self.next = data;
    }

    /// Completes a block that was begun, and keeps what is less than one.
    fn tidy(&mut self) {
        if !self.rest.is_empty() || self.next.len() < SIZE {
            let missing = SIZE.saturating_sub(self.rest.len());
            let some = self.next.split_to(missing.min(self.next.len()));
            self.rest.extend_from_slice(&some);
        }
        if let Some((block, [])) = self.rest.split_first_chunk() {
            compress([&mut self.state], [block]);
            self.rest.clear();
        }
    }

    /// The whole blocks that come next.
    fn blocks(&self) -> &[[u8; SIZE]] {
        self.next.as_chunks().0
    }

    /// The hash of all that was given and hashed.
    pub(super) fn finish(mut self) -> Md5 {
        let bits = self.length.wrapping_mul(8).to_le_bytes();
        let mut end = std::mem::take(&mut self.rest);
        end.push(0x80);
        let short = end.len() + bits.len();
        end.resize(short.next_multiple_of(SIZE) - bits.len(), 0);
        end.extend(bits);
        for block in end.as_chunks().0 {
            compress([&mut self.state], [block]);
        }
        let mut hash = Md5::default();
        for (bytes, word) in hash.as_chunks_mut().0.iter_mut().zip(self.state) {
            *bytes = word.to_le_bytes();
        }
        hash
    }
}

/// Hashes as many blocks of each as all of them have, and what is less than one.
pub(super) fn advance(inputs: &mut [&mut Input]) {
    for input in &mut *inputs {
        input.tidy();
    }
    let mut busy: Vec<&mut Input> = inputs
        .iter_mut()
        .map(|input| &mut **input)
        .filter(|input| !input.blocks().is_empty())
        .collect();
    let count = busy.iter().map(|input| input.blocks().len()).min();
    let count = count.unwrap_or(0).min(TURN);
    match busy.as_mut_slice() {
        [] => {}
        [one] => {
            let blocks = one.next.split_to(count * SIZE);
            for block in blocks.as_chunks().0 {
                compress([&mut one.state], [block]);
            }
        }
        several => side_by_side(several, count),
    }
}

fn side_by_side(inputs: &mut [&mut Input], count: usize) {
    let mut states: [[u32; 4]; LANES] = [START; LANES];
    let taken: Vec<Bytes> = inputs
        .iter_mut()
        .map(|input| input.next.split_to(count * SIZE))
        .collect();
    let blocks = |lane: usize| {
        // What a lane without a body does is for nothing.
        let bytes = taken.get(lane).or(taken.first());
        bytes.map_or(&[][..], |bytes| bytes.as_chunks::<SIZE>().0)
    };
    let [a, b, c, d] = [blocks(0), blocks(1), blocks(2), blocks(3)];
    for (states, input) in states.iter_mut().zip(&*inputs) {
        *states = input.state;
    }
    for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
        let [w, x, y, z] = &mut states;
        compress([w, x, y, z], [a, b, c, d]);
    }
    for (input, state) in inputs.iter_mut().zip(states) {
        input.state = state;
    }
}
