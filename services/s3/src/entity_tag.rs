//! MD5 of bodies, which are the entity tags of objects (Amazon S3 API Reference, "Object").
//!
//! To hash a large body by MD5 takes longer than everything else that is done with it. So it is done by threads of
//! its own, beside what else is done with the same bytes, and each takes up to four bodies at a time: they take
//! hardly longer than one.

mod block;
mod desk;
mod input;

use bytes::Bytes;
use md5::Digest as _;
use platform::ApiError;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread;

use self::desk::Desk;

/// The hash of a body.
pub(crate) type Md5 = [u8; 16];

/// Up to so many bytes are hashed where they come.
const SMALL: usize = 64 << 10;
/// How much is handed over at once.
const PORTION: usize = 128 << 10;
/// How many portions may wait: what hands them over then waits, too.
const WAITING: usize = 4;

/// The threads. They end with the last that has one of these, or a body.
pub(crate) struct Hashers {
    threads: Vec<Sender<Order>>,
    /// How many bodies there were: each goes to the next thread.
    bodies: AtomicUsize,
}

/// What a thread is told of a body, by its number.
enum Order {
    Begin(usize, Sender<()>),
    Take(usize, Vec<Bytes>),
    End(usize, SyncSender<Md5>),
    Drop(usize),
}

impl Hashers {
    /// Starts one thread for every four processors.
    ///
    /// # Errors
    /// When there can be no more threads.
    pub(crate) fn start() -> std::io::Result<Self> {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let start = |_| {
            let (orders, taken) = mpsc::channel();
            thread::Builder::new()
                .name("entity-tags".to_owned())
                .spawn(move || Desk::default().work(&taken))?;
            Ok(orders)
        };
        Ok(Self {
            threads: (0..processors.div_ceil(4))
                .map(start)
                .collect::<std::io::Result<_>>()?,
            bodies: AtomicUsize::new(0),
        })
    }

    fn begin(&self) -> Result<Hashing, ApiError> {
        let number = self.bodies.fetch_add(1, Ordering::Relaxed);
        let thread = number.checked_rem(self.threads.len());
        let thread = thread
            .and_then(|at| self.threads.get(at))
            .ok_or_else(over)?;
        let (takes, taken) = mpsc::channel();
        let hashing = Hashing {
            number,
            thread: thread.clone(),
            taken,
            waiting: 0,
            portion: Vec::new(),
            size: 0,
        };
        hashing.tell(Order::Begin(number, takes))?;
        Ok(hashing)
    }
}

fn over() -> ApiError {
    ApiError::internal("the threads that compute entity tags ended")
}

/// The sum of a body that is coming.
pub(crate) struct Sum {
    hashers: Arc<Hashers>,
    /// What came, while it is little.
    small: Vec<Bytes>,
    size: usize,
    large: Option<Hashing>,
}

impl Sum {
    pub(crate) fn new(hashers: Arc<Hashers>) -> Self {
        Self {
            hashers,
            small: Vec::new(),
            size: 0,
            large: None,
        }
    }

    /// Takes the next bytes. Waits while too many wait.
    ///
    /// # Errors
    /// When the threads ended.
    pub(crate) fn update(&mut self, data: Bytes) -> Result<(), ApiError> {
        if let Some(large) = &mut self.large {
            return large.update(data);
        }
        self.size += data.len();
        self.small.push(data);
        if self.size <= SMALL {
            return Ok(());
        }
        let large = self.large.insert(self.hashers.begin()?);
        self.small.drain(..).try_for_each(|data| large.update(data))
    }

    /// The sum of all that came.
    ///
    /// # Errors
    /// When the threads ended.
    pub(crate) fn finish(self) -> Result<Md5, ApiError> {
        if let Some(large) = self.large {
            return large.finish();
        }
        let mut hash = md5::Md5::new();
        self.small.iter().for_each(|data| hash.update(data));
        Ok(hash.finalize().into())
    }
}

/// A large body that is coming.
struct Hashing {
    number: usize,
    thread: Sender<Order>,
    /// Says of each portion that it was taken.
    taken: Receiver<()>,
    waiting: usize,
    portion: Vec<Bytes>,
    size: usize,
}

impl Hashing {
    fn tell(&self, order: Order) -> Result<(), ApiError> {
        self.thread.send(order).map_err(|_| over())
    }

    fn update(&mut self, data: Bytes) -> Result<(), ApiError> {
        self.size += data.len();
        self.portion.push(data);
        if self.size < PORTION {
            return Ok(());
        }
        if self.waiting >= WAITING {
            self.taken.recv().map_err(|_| over())?;
            self.waiting -= 1;
        }
        self.hand_over()?;
        self.waiting += 1;
        Ok(())
    }

    fn hand_over(&mut self) -> Result<(), ApiError> {
        self.size = 0;
        let portion = std::mem::take(&mut self.portion);
        self.tell(Order::Take(self.number, portion))
    }

    fn finish(mut self) -> Result<Md5, ApiError> {
        self.hand_over()?;
        let (done, hash) = mpsc::sync_channel(1);
        self.tell(Order::End(self.number, done))?;
        hash.recv().map_err(|_| over())
    }
}

impl Drop for Hashing {
    fn drop(&mut self) {
        // Where nobody is told, nobody has it.
        drop(self.tell(Order::Drop(self.number)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(number: usize, size: usize) -> Vec<u8> {
        let byte = |at: usize| ((at * 31 + number * 7) % 251) as u8;
        (0..size).map(byte).collect()
    }

    fn sum(hashers: &Arc<Hashers>, body: &[u8], piece: usize) -> Md5 {
        let mut sum = Sum::new(Arc::clone(hashers));
        for data in body.chunks(piece) {
            sum.update(Bytes::copy_from_slice(data)).unwrap();
        }
        sum.finish().unwrap()
    }

    /// RFC 1321, A.5.
    #[test]
    fn sums_are_those_of_the_definition() {
        let hashers = Arc::new(Hashers::start().unwrap());
        let of = |text: &str| hex::encode(sum(&hashers, text.as_bytes(), 1));
        assert_eq!(of("abc"), "900150983cd24fb0d6963f7d28e17f72");
        let text = "1234567890".repeat(8);
        assert_eq!(of(&text), "57edf4a22be3c955ac49da2e2107b67a");
        assert_eq!(
            hex::encode(sum(&hashers, b"", 1)),
            "d41d8cd98f00b204e9800998ecf8427e"
        );
    }

    #[test]
    fn bodies_of_any_size_that_come_in_any_pieces_are_summed_beside_each_other() {
        let hashers = Arc::new(Hashers::start().unwrap());
        let sizes = (SMALL - 1..SMALL + 3)
            .chain((0..9).map(|number| SMALL * 2 + 55 + number))
            .chain([PORTION * (WAITING + 3) + 1, 1 << 20]);
        let works: Vec<_> = sizes
            .enumerate()
            .map(|(number, size)| {
                let hashers = Arc::clone(&hashers);
                thread::spawn(move || {
                    let body = body(number, size);
                    let expected: Md5 = md5::Md5::digest(&body).into();
                    for piece in [63, 64, 1_000 + number, 70_001] {
                        assert_eq!(sum(&hashers, &body, piece), expected, "{size} by {piece}");
                    }
                })
            })
            .collect();
        works.into_iter().for_each(|work| work.join().unwrap());
    }

    #[test]
    fn one_that_is_given_up_holds_nobody_up() {
        let hashers = Arc::new(Hashers::start().unwrap());
        for number in 0..20 {
            let mut given_up = Sum::new(Arc::clone(&hashers));
            given_up.update(body(number, 300_000).into()).unwrap();
        }
        let last = body(1, 200_000);
        let expected: Md5 = md5::Md5::digest(&last).into();
        assert_eq!(sum(&hashers, &last, 10_000), expected);
    }
}
