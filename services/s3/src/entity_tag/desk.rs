//! What one of the threads has to do.

use bytes::Bytes;
use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError};

use super::input::{self, Input, LANES};
use super::{Md5, Order};

/// A body that is coming.
struct Body {
    input: Input,
    /// Of the portion under way.
    pieces: std::vec::IntoIter<Bytes>,
    portions: VecDeque<Vec<Bytes>>,
    taken: Sender<()>,
    end: Option<SyncSender<Md5>>,
    /// Whether it is among those that have something to do.
    ready: bool,
}

impl Body {
    fn new(taken: Sender<()>) -> Self {
        Self {
            input: Input::default(),
            pieces: Vec::new().into_iter(),
            portions: VecDeque::new(),
            taken,
            end: None,
            ready: false,
        }
    }

    /// Gives the hash something to do, if there is anything.
    fn load(&mut self) -> bool {
        while self.input.is_done() {
            if let Some(piece) = self.pieces.next() {
                self.input.give(piece);
            } else if let Some(portion) = self.portions.pop_front() {
                self.pieces = portion.into_iter();
                // It may have been given up.
                let _given_up = self.taken.send(());
            } else {
                return false;
            }
        }
        true
    }
}

/// The bodies of a thread.
#[derive(Default)]
pub(super) struct Desk {
    bodies: HashMap<usize, Body>,
    /// Those that have something to do, whose turn is next first.
    ready: VecDeque<usize>,
}

impl Desk {
    /// Works until nobody is left to give orders.
    pub(super) fn work(mut self, orders: &Receiver<Order>) {
        loop {
            let next = if self.ready.is_empty() {
                orders.recv().map_err(|_| TryRecvError::Disconnected)
            } else {
                orders.try_recv()
            };
            match next {
                Ok(order) => self.note(order),
                Err(TryRecvError::Empty) => self.hash_some(),
                Err(TryRecvError::Disconnected) => return,
            }
        }
    }

    fn note(&mut self, order: Order) {
        match order {
            Order::Begin(number, taken) => {
                self.bodies.insert(number, Body::new(taken));
            }
            Order::Drop(number) => {
                self.bodies.remove(&number);
            }
            Order::Take(number, portion) => {
                self.change(number, |body| body.portions.push_back(portion));
            }
            Order::End(number, done) => self.change(number, |body| body.end = Some(done)),
        }
    }

    fn change(&mut self, number: usize, change: impl FnOnce(&mut Body)) {
        let Some(body) = self.bodies.get_mut(&number) else {
            return;
        };
        change(body);
        if !body.ready {
            body.ready = true;
            self.ready.push_back(number);
        }
    }

    /// Hashes a little of those whose turn is next.
    fn hash_some(&mut self) {
        let mut some: Vec<(usize, Body)> = Vec::with_capacity(LANES);
        while some.len() < LANES
            && let Some(number) = self.ready.pop_front()
        {
            let Some(mut body) = self.bodies.remove(&number) else {
                continue;
            };
            if body.load() {
                some.push((number, body));
            } else if let Some(done) = body.end {
                // Nobody may be waiting any more.
                let _given_up = done.send(body.input.finish());
            } else {
                body.ready = false;
                self.bodies.insert(number, body);
            }
        }
        let mut inputs: Vec<&mut Input> =
            some.iter_mut().map(|(_, body)| &mut body.input).collect();
        input::advance(&mut inputs);
        for (number, body) in some {
            self.ready.push_back(number);
            self.bodies.insert(number, body);
        }
    }
}
