//! Listening, serving and stopping.

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use platform::Platform;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, watch};

use crate::descriptors;
use crate::http::{Front, Peer};
use crate::lanes::Lanes;
use crate::options::{Limits, Options, ProxyOptions, StartError};
use crate::patience::Patient;
use crate::proxy::Proxy;
use crate::tls::{Renewal, Tls};
use crate::turn::Turn;

/// An address that was taken. Requests that come before [`serve`] wait.
pub struct Listening {
    tcp: TcpListener,
    tls: Option<(Arc<Tls>, Renewal)>,
    address: SocketAddr,
    proxy: Option<(TcpListener, Arc<Proxy>, SocketAddr)>,
    lanes: Lanes,
}

impl Listening {
    /// The address, with the port that was found where any was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL at which clients reach the server by the name `host`, or from this machine when none
    /// is given.
    #[must_use]
    pub fn url(&self, host: Option<&str>) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        url(scheme, self.address, host)
    }

    /// The address of the proxy, if there is one.
    #[must_use]
    pub fn proxy_address(&self) -> Option<SocketAddr> {
        self.proxy.as_ref().map(|(_, _, address)| *address)
    }

    /// The URL at which clients reach the proxy by the name `host`, or from this machine when none is
    /// given; `None` without a proxy.
    #[must_use]
    pub fn proxy_url(&self, host: Option<&str>) -> Option<String> {
        Some(url("http", self.proxy_address()?, host))
    }
}

fn url(scheme: &str, address: SocketAddr, host: Option<&str>) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let port = address.port();
    match host {
        Some(host) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{}", SocketAddr::new(ip, port)),
    }
}

/// Takes the address, and reads or issues the certificate. SIGHUP no longer ends the process when
/// there is one.
///
/// # Errors
/// When the address can be reached from other machines without this being allowed, or cannot be had;
/// when the certificate or its key cannot be used.
pub async fn listen(options: &Options) -> Result<Listening, StartError> {
    let wanted = options.listen;
    let refuse = |reason| StartError::Listen {
        address: wanted,
        flag: "--listen",
        reason,
    };
    let tls = match &options.certificate {
        Some(certificate) => Some((
            Arc::new(Tls::new(certificate.clone())?),
            Renewal::new().map_err(refuse)?,
        )),
        None if wanted.ip().is_loopback() || options.plaintext_beyond_loopback => None,
        None => return Err(StartError::BeyondLoopback(wanted)),
    };
    let tcp = TcpListener::bind(wanted).await.map_err(refuse)?;
    let address = tcp.local_addr().map_err(refuse)?;
    let proxy = match &options.proxy {
        Some(proxy) => Some(listen_as_proxy(proxy).await?),
        None => None,
    };
    let lanes = Lanes::start().map_err(|error| StartError::Platform(error.to_string()))?;
    Ok(Listening {
        tcp,
        tls,
        address,
        proxy,
        lanes,
    })
}

/// Takes the address of the proxy. It may be reached from other machines: all that it lets through is
/// encrypted.
async fn listen_as_proxy(
    wanted: &ProxyOptions,
) -> Result<(TcpListener, Arc<Proxy>, SocketAddr), StartError> {
    let refuse = |reason| StartError::Listen {
        address: wanted.listen,
        flag: "--proxy",
        reason,
    };
    let proxy = Proxy::open(&wanted.authority)?;
    let tcp = TcpListener::bind(wanted.listen).await.map_err(refuse)?;
    let address = tcp.local_addr().map_err(refuse)?;
    Ok((tcp, Arc::new(proxy), address))
}

/// How visitors come in.
#[derive(Clone)]
enum Door {
    Plain,
    Tls(Arc<Tls>),
    Proxy(Arc<Proxy>),
}

/// All that is listened at.
struct Doors {
    main: (TcpListener, Door),
    proxy: Option<(TcpListener, Door)>,
}

impl Doors {
    /// The next visitor, and the door.
    async fn accept(&self) -> std::io::Result<(TcpStream, SocketAddr, &Door)> {
        let at_proxy = async {
            match &self.proxy {
                Some((tcp, door)) => (tcp.accept().await, door),
                None => std::future::pending().await,
            }
        };
        let (tcp, door) = &self.main;
        let (accepted, door) = tokio::select! {
            accepted = tcp.accept() => (accepted, door),
            accepted = at_proxy => accepted,
        };
        let (stream, peer) = accepted?;
        Ok((stream, peer, door))
    }
}

/// Serves until `stop` is ready, then lets the requests under way finish.
pub async fn serve(
    platform: Arc<Platform>,
    listening: Listening,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let (tls, renewal) = listening.tls.unzip();
    let lanes = listening.lanes;
    let door = tls.clone().map_or(Door::Plain, Door::Tls);
    let doors = Doors {
        main: (listening.tcp, door),
        proxy: listening
            .proxy
            .map(|(tcp, proxy, _)| (tcp, Door::Proxy(proxy))),
    };
    let renewal = tls
        .clone()
        .zip(renewal)
        .map(|(tls, renewal)| tokio::spawn(renewal.run(tls, Arc::clone(&platform))));
    let limits = with_room(&platform, limits);
    let front = Arc::new(Front::new(platform, limits));
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let (stopping, stopped) = watch::channel(());
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, doors.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = &mut stop => break,
            next = accepted => next,
        };
        // An accept fails for reasons of the peer or for want of descriptors; both pass.
        let Ok((stream, peer, door)) = accepted else {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            continue;
        };
        let visitor = Visitor {
            front: Arc::clone(&front),
            address: peer,
            watcher: graceful.watcher(),
            stopped: stopped.clone(),
        };
        let door = door.clone();
        let serve = Box::new(move |stream, turn| {
            visited(async move {
                visitor.serve(stream, door, turn).await;
                drop(place);
            })
        });
        // One that is broken by now is its peer's affair, too.
        drop(lanes.hand(stream, serve));
    }
    drop((doors, stopping));
    if let Some(renewal) = renewal {
        renewal.abort();
    }
    drop(tokio::time::timeout(limits.drain_time, graceful.shutdown()).await);
    lanes.end().await;
}

fn visited(
    visit: impl Future<Output = ()> + Send + 'static,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(visit)
}

/// The limits with no more connections than there can be.
fn with_room(platform: &Platform, limits: Limits) -> Limits {
    let Err((connections, files)) = descriptors::make_room(limits.connections) else {
        return limits;
    };
    platform.report(&format!(
        "{connections} connections at a time instead of {}: {files} files may be open; raise the \
         limit (`ulimit -Hn`, `LimitNOFILE` of systemd), or pass a smaller `--max-connections`",
        limits.connections
    ));
    Limits {
        connections,
        ..limits
    }
}

/// Somebody who connected.
struct Visitor {
    front: Arc<Front>,
    address: SocketAddr,
    watcher: Watcher,
    /// Its other end is dropped when the server is told to stop.
    stopped: watch::Receiver<()>,
}

impl Visitor {
    /// Agrees on TLS where the door asks for it, then answers requests, one after the other. A
    /// connection that breaks is its peer's affair.
    async fn serve(self, stream: TcpStream, door: Door, turn: Arc<Turn>) {
        // Without it, small answers wait for the peer's delayed acknowledgement.
        drop(stream.set_nodelay(true));
        match door {
            Door::Plain => self.requests(stream, None, turn).await,
            Door::Tls(tls) => self.agree(tls.accept(stream), turn).await,
            Door::Proxy(proxy) => self.agree(proxy.connect(stream), turn).await,
        }
    }

    /// Answers requests when TLS is agreed on in time.
    async fn agree<S>(
        mut self,
        handshake: impl Future<Output = std::io::Result<(S, platform::Tls)>>,
        turn: Arc<Turn>,
    ) where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let patience = self.front.limits.handshake_time;
        let shaken = tokio::select! {
            shaken = tokio::time::timeout(patience, handshake) => shaken,
            _ = self.stopped.changed() => return,
        };
        if let Ok(Ok((stream, agreed))) = shaken {
            self.requests(stream, Some(agreed), turn).await;
        }
    }

    async fn requests<S>(self, stream: S, tls: Option<platform::Tls>, turn: Arc<Turn>)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let Limits {
            head_time,
            head,
            headers,
            answer_pause,
            ..
        } = self.front.limits;
        let peer = Peer {
            ip: self.address.ip(),
            tls,
            turn,
        };
        let front = self.front;
        let service = hyper::service::service_fn(move |request| {
            Arc::clone(&front).answer(peer.clone(), request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head_time)
            .max_buf_size(head)
            .max_headers(headers)
            .serve_connection(TokioIo::new(Patient::new(stream, answer_pause)), service);
        drop(self.watcher.watch(connection).await);
    }
}

/// Ready when the process is told to stop: SIGTERM or SIGINT.
///
/// # Errors
/// When the signals cannot be listened to.
pub fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
