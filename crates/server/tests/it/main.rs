//! The server over real sockets, on ports that the system picks.

mod backup;
mod bounds;
mod proxy;
mod remote;
mod restart;
mod root_key;
mod start;
mod stop;
mod streams;
mod tls;

use platform::Operator;
use platform::root::RootKey;
use policy::AccountId;
use server::{Limits, Options};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// An operator who does not listen.
pub(crate) struct Silent;

impl Operator for Silent {
    fn report(&self, _: &str) {}
}

/// An ephemeral server with these limits, at a free port of loopback.
pub(crate) fn options(limits: Limits) -> Options {
    Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        certificate: None,
        proxy: None,
        hosts: Vec::new(),
        plaintext_beyond_loopback: false,
        data: None,
        durability: server::Durability::ProcessEnd,
        store: None,
        root_key_file: None,
        objects: None,
        accounts: AccountId::parse("123456789012")
            .map(|account| (account, Some(root_key())))
            .into_iter()
            .collect(),
        partition: "aws".to_owned(),
        region: "us-east-1".to_owned(),
        trails: server::Schedule::default(),
        limits,
    }
}

fn root_key() -> RootKey {
    RootKey {
        id: "AKIAROOT".to_owned(),
        secret: "secret".to_owned(),
    }
}

/// A server that runs until it is told to stop.
pub(crate) struct Running {
    /// There as long as it runs.
    pub(crate) platform: std::sync::Weak<platform::Platform>,
    pub(crate) address: SocketAddr,
    pub(crate) proxy: Option<SocketAddr>,
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) served: JoinHandle<()>,
}

pub(crate) async fn start(options: &Options) -> std::io::Result<Running> {
    let refused = |error: server::StartError| std::io::Error::other(error.to_string());
    let listening = server::listen(options).await.map_err(refused)?;
    let composed = server::compose(options, Arc::new(Silent)).map_err(refused)?;
    let (stop, stopped) = oneshot::channel();
    let platform = Arc::downgrade(&composed.platform);
    let address = listening.address();
    let proxy = listening.proxy_address();
    let limits = options.limits;
    let served = tokio::spawn(server::serve(composed.platform, listening, limits, async {
        drop(stopped.await);
    }));
    Ok(Running {
        platform,
        address,
        proxy,
        stop,
        served,
    })
}

/// Sends bytes and reads until the server closes or pauses for two seconds.
pub(crate) async fn talk(address: SocketAddr, bytes: &[u8]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    // The server may close before it has read everything.
    drop(stream.write_all(bytes).await);
    Ok(read(&mut stream).await)
}

/// Reads until the server closes or pauses for two seconds.
pub(crate) async fn read(stream: &mut TcpStream) -> String {
    let (mut all, mut chunk) = (Vec::new(), [0; 4096]);
    let pause = std::time::Duration::from_secs(2);
    while let Ok(Ok(count @ 1..)) = tokio::time::timeout(pause, stream.read(&mut chunk)).await {
        all.extend(chunk.iter().take(count));
    }
    String::from_utf8_lossy(&all).into_owned()
}
