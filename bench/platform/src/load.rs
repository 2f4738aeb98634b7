//! A client that costs little: requests are signed before, and of an answer no more is read than where it ends.

use crate::Result;
use crate::api::Request;
use crate::together::Together;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What a cell's requests took.
pub(crate) struct Timed {
    /// Requests a second.
    pub(crate) throughput: f64,
    /// How many were answered.
    pub(crate) count: usize,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// Answers that were errors; they count for nothing else.
    pub(crate) failed: usize,
}

struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

/// The head of an answer.
struct Head {
    status: u16,
    /// Where its body begins in the buffer.
    body: usize,
    length: Option<usize>,
    chunked: bool,
    close: bool,
}

impl Connection {
    fn new(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
            buffer: vec![0; 256 << 10],
        }
    }

    /// Sends a request and reads its answer; `keep` gets the body.
    async fn ask(&mut self, request: &Request, mut keep: Option<&mut Vec<u8>>) -> Result<u16> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        let small = request.body.len() < 4096;
        if small {
            let whole = [request.head.as_slice(), &request.body].concat();
            stream.write_all(&whole).await?;
        } else {
            stream.write_all(&request.head).await?;
            stream.write_all(&request.body).await?;
        }
        let mut filled = 0;
        let head = loop {
            let read = stream.read(&mut self.buffer[filled..]).await?;
            if read == 0 {
                return Err("the server closed the connection".into());
            }
            filled += read;
            if let Some(head) = parse(&self.buffer[..filled])? {
                break head;
            }
        };
        let mut rest = self.buffer[head.body..filled].to_vec();
        let mut tail = rest.clone();
        let bodiless = request.head.starts_with(b"HEAD ") || head.status == 204;
        let mut seen = rest.len();
        loop {
            let done = match (head.length, head.chunked) {
                _ if bodiless => true,
                (Some(length), _) => seen >= length,
                (None, true) => tail.ends_with(b"0\r\n\r\n"),
                (None, false) => false,
            };
            if let Some(keep) = keep.as_deref_mut() {
                keep.extend_from_slice(&rest);
            }
            if done {
                break;
            }
            let read = stream.read(&mut self.buffer).await?;
            if read == 0 {
                break;
            }
            seen += read;
            rest.clear();
            rest.extend_from_slice(&self.buffer[..read]);
            if head.chunked {
                tail.extend_from_slice(&rest);
                tail.drain(..tail.len().saturating_sub(5));
            }
        }
        if !head.close && (head.length.is_some() || head.chunked || bodiless) {
            self.stream = Some(stream);
        }
        Ok(head.status)
    }
}

fn parse(bytes: &[u8]) -> Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(body) = response.parse(bytes)? else {
        return Ok(None);
    };
    let find = |name: &str| {
        let header = response
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(header.value).ok()
    };
    Ok(Some(Head {
        status: response.code.unwrap_or(0),
        body,
        length: find("content-length").and_then(|length| length.parse().ok()),
        chunked: find("transfer-encoding")
            .is_some_and(|value| value.eq_ignore_ascii_case("chunked")),
        close: response.version == Some(0)
            || find("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")),
    }))
}

/// Asks once; the body of a good answer.
pub(crate) async fn once(address: SocketAddr, request: &Request) -> Result<String> {
    let mut body = Vec::new();
    let status = Connection::new(address)
        .ask(request, Some(&mut body))
        .await?;
    let body = String::from_utf8_lossy(&body).into_owned();
    if status < 300 {
        Ok(body)
    } else {
        Err(format!("status {status}: {body}").into())
    }
}

/// Asks so many, one after the other over one connection.
pub(crate) async fn some(address: SocketAddr, requests: &[Request], count: usize) -> Result {
    let mut connection = Connection::new(address);
    for request in requests.iter().cycle().take(count) {
        let status = connection.ask(request, None).await?;
        if status >= 300 {
            return Err(format!("status {status}").into());
        }
    }
    Ok(())
}

/// Asks the requests in turn over many connections until the time is over.
pub(crate) async fn run(
    address: SocketAddr,
    requests: &Arc<[Request]>,
    connections: usize,
    time: Duration,
) -> Result<Timed> {
    let began = Instant::now();
    let until = began + time;
    let mut tasks: JoinSet<Result<(Vec<Duration>, usize)>> = (0..connections)
        .map(|number| {
            let connection = Connection::new(address);
            one(connection, Arc::clone(requests), number, until)
        })
        .collect();
    let (mut all, mut failed) = (Vec::new(), 0);
    while let Some(ended) = tasks.join_next().await {
        let (took, errors) = ended??;
        all.extend(took);
        failed += errors;
    }
    let elapsed = began.elapsed().as_secs_f64();
    all.sort_unstable();
    let at = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let index = (all.len() as f64 * share) as usize;
        all.get(index.min(all.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    };
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    let throughput = all.len() as f64 / elapsed;
    Ok(Timed {
        throughput,
        count: all.len(),
        p50: at(0.5),
        p99: at(0.99),
        failed,
    })
}

async fn one(
    mut connection: Connection,
    requests: Arc<[Request]>,
    number: usize,
    until: Instant,
) -> Result<(Vec<Duration>, usize)> {
    let (mut took, mut failed) = (Vec::new(), 0);
    let mut next = number;
    while Instant::now() < until {
        let request = &requests[next % requests.len()];
        next += 64;
        let began = Instant::now();
        let status = connection.ask(request, None).await?;
        if status < 300 {
            took.push(began.elapsed());
        } else {
            failed += 1;
        }
    }
    Ok((took, failed))
}

/// What the way there and back takes: the requests to a server that does no more than answer each with a few hundred bytes.
pub(crate) async fn echo(requests: &Arc<[Request]>, time: Duration) -> Result<Timed> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let answers = std::thread::spawn(move || -> std::io::Result<()> {
        let (mut stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        let answer = [
            b"HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n".as_slice(),
            &[b' '; 400],
        ]
        .concat();
        let mut buffer = vec![0; 64 << 10];
        while stream.read(&mut buffer)? > 0 {
            stream.write_all(&answer)?;
        }
        Ok(())
    });
    let together = Together::with(std::process::id())?;
    let timed = run(address, requests, 1, time).await?;
    drop(together);
    answers.join().map_err(|_| "the echo panicked")??;
    Ok(timed)
}
