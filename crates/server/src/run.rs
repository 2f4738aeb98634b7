//! Listening, serving and stopping.

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use platform::Platform;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;

use crate::http::Front;
use crate::options::{Limits, Options, StartError};

/// Takes the address. Requests that come before [`serve`] wait.
///
/// # Errors
/// When the address can be reached from other machines without this being allowed, or cannot be had.
pub async fn listen(options: &Options) -> Result<TcpListener, StartError> {
    let address = options.listen;
    if !address.ip().is_loopback() && !options.plaintext_beyond_loopback {
        return Err(StartError::BeyondLoopback(address));
    }
    TcpListener::bind(address)
        .await
        .map_err(|reason| StartError::Listen { address, reason })
}

/// Serves until `stop` is ready, then lets the requests under way finish.
pub async fn serve(
    platform: Arc<Platform>,
    listener: TcpListener,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let front = Arc::new(Front::new(platform, limits));
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = &mut stop => break,
            next = accepted => next,
        };
        // An accept fails for reasons of the peer or for want of descriptors; both pass.
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            continue;
        };
        let connection = graceful.watch(connection(&front, stream, peer));
        tokio::spawn(async move {
            // A connection that breaks is its peer's affair.
            drop(connection.await);
            drop(place);
        });
    }
    drop(listener);
    drop(tokio::time::timeout(limits.drain_time, graceful.shutdown()).await);
}

/// The connection's requests, one after the other.
fn connection(
    front: &Arc<Front>,
    stream: TcpStream,
    peer: SocketAddr,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + Send + use<> {
    // Without it, small answers wait for the peer's delayed acknowledgement.
    drop(stream.set_nodelay(true));
    let limits = front.limits;
    let front = Arc::clone(front);
    let service =
        hyper::service::service_fn(move |request| Arc::clone(&front).answer(peer.ip(), request));
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(limits.head)
        .max_headers(limits.headers)
        .serve_connection(TokioIo::new(stream), service)
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
