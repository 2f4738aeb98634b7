//! The threads that answer requests: one a processor, each with its own connections.
//!
//! A request is read, answered and written by one thread, which is woken once for it. Threads that share
//! their connections wake each other to look for work, which costs more than most answers do. A connection
//! goes to the thread that has the fewest; what takes long is done apart.

use std::num::NonZero;
use std::pin::Pin;
use std::sync::Arc;
use std::thread;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::turn::Turn;

/// What is done with a connection, in the turns of its thread.
pub(crate) type Serve =
    Box<dyn FnOnce(TcpStream, Arc<Turn>) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// A connection on its way to its thread.
struct Handed {
    stream: std::net::TcpStream,
    serve: Serve,
    /// Counts it until it ends.
    counted: Arc<()>,
}

/// All of them. They end when this is dropped, with every connection that is left.
pub(crate) struct Lanes(Vec<Lane>);

struct Lane {
    connections: UnboundedSender<Handed>,
    /// There is one more reference to it than connections.
    count: Arc<()>,
    /// Its other end is dropped with the last of what the thread had.
    ended: oneshot::Receiver<()>,
}

impl Lanes {
    /// Starts them.
    ///
    /// # Errors
    /// When there can be no more threads.
    pub(crate) fn start() -> std::io::Result<Self> {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        (0..processors)
            .map(|_| Lane::start())
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Lets one of the threads serve a connection.
    ///
    /// # Errors
    /// When the connection is broken.
    pub(crate) fn hand(&self, stream: TcpStream, serve: Serve) -> std::io::Result<()> {
        let stream = stream.into_std()?;
        let fewest = self
            .0
            .iter()
            .min_by_key(|lane| Arc::strong_count(&lane.count));
        if let Some(lane) = fewest {
            let counted = Arc::clone(&lane.count);
            // Nobody else ends a lane.
            drop(lane.connections.send(Handed {
                stream,
                serve,
                counted,
            }));
        }
        Ok(())
    }

    /// Ends them, with every connection that is left.
    pub(crate) async fn end(self) {
        for lane in self.0 {
            drop(lane.connections);
            // That there is nothing any more is the message.
            drop(lane.ended.await);
        }
    }
}

impl Lane {
    fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (connections, handed) = unbounded_channel();
        let (ends, ended) = oneshot::channel();
        let count = Arc::new(());
        let turn = Arc::new(Turn::new(&count));
        thread::Builder::new()
            .name("requests".to_owned())
            .spawn(move || {
                runtime.block_on(work(handed, turn));
                // What still blocks must not hold up the end.
                runtime.shutdown_background();
                drop(ends);
            })?;
        Ok(Self {
            connections,
            count,
            ended,
        })
    }
}

async fn work(mut handed: UnboundedReceiver<Handed>, turn: Arc<Turn>) {
    while let Some(Handed {
        stream,
        serve,
        counted,
    }) = handed.recv().await
    {
        // A connection that cannot be served is closed.
        if let Ok(stream) = TcpStream::from_std(stream) {
            let served = serve(stream, Arc::clone(&turn));
            tokio::spawn(async move {
                served.await;
                drop(counted);
            });
        }
    }
}
