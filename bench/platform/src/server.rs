//! The servers, each started in a folder of its own and stopped at the end.

use crate::Result;
use crate::api::Credentials;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpStream;

/// A running server.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    /// Whose keys it knows from the start.
    pub(crate) root: Credentials,
    /// From its start to the first connection that it takes.
    pub(crate) start_up: Duration,
    process: Child,
    _folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    /// Whether it is Palisade.
    pub(crate) fn is_ours(&self) -> bool {
        self.name.starts_with("Palisade")
    }

    /// The processor time that it took so far.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The name in parentheses may hold anything; user and system time are the 12th and 13th behind it.
        let (_, rest) = stat.rsplit_once(')').ok_or("no name")?;
        let mut ticks = rest.split_whitespace().skip(11).map(str::parse::<u64>);
        let mut next = || ticks.next().ok_or("too short")?.map_err(|_| "no number");
        Ok(Duration::from_millis((next()? + next()?) * 10))
    }

    /// Its resident memory, in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
        Ok(kib.ok_or("no VmRSS")?.trim().parse::<u64>()? * 1024)
    }

    async fn start(
        name: &'static str,
        command: impl FnOnce(u16, &Path) -> Result<Command>,
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let root = Credentials {
            access_key: "AKIAROOTROOTROOTROOT".to_owned(),
            secret: "root/secret/root/secret/root/secret/root".to_owned(),
            token: None,
        };
        let mut command = command(address.port(), folder.path())?;
        let began = Instant::now();
        let mut process = command
            .env("PALISADE_ROOT_ACCESS_KEY_ID", &root.access_key)
            .env("PALISADE_ROOT_SECRET_ACCESS_KEY", &root.secret)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        while TcpStream::connect(address).await.is_err() {
            if began.elapsed() > Duration::from_secs(60) || process.try_wait()?.is_some() {
                return Err(format!("{name} did not get ready").into());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(Self {
            name,
            address,
            root,
            start_up: began.elapsed(),
            process,
            _folder: folder,
        })
    }
}

/// Starts Palisade, as it is by default and with everything flushed to the disk, and its peers.
pub(crate) async fn start(palisade: &Path, peers: Option<&Path>) -> Result<Vec<Server>> {
    let serve = |port: u16, folder: &Path, durability: &str| {
        let mut command = Command::new(palisade);
        command.args([
            "serve",
            "--listen",
            &format!("127.0.0.1:{port}"),
            "--durability",
            durability,
            "--data",
        ]);
        command.arg(folder.join("data"));
        Ok(command)
    };
    let mut servers = vec![
        Server::start("Palisade", |port, folder| {
            serve(port, folder, "process-end")
        })
        .await?,
        Server::start("Palisade, power-loss", |port, folder| {
            serve(port, folder, "power-loss")
        })
        .await?,
    ];
    let Some(peers) = peers else {
        return Ok(servers);
    };
    let moto = |port: u16, _: &Path| {
        let mut command = Command::new(peers.join("moto/bin/moto_server"));
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        Ok(command)
    };
    let s3s = |port: u16, folder: &Path| {
        std::fs::create_dir(folder.join("bench"))?;
        let mut command = Command::new(peers.join("bin/s3s-fs"));
        command.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
        command.args(["--access-key", "AKIAROOTROOTROOTROOT"]);
        command.args(["--secret-key", "root/secret/root/secret/root/secret/root"]);
        command.arg(folder);
        Ok(command)
    };
    servers.push(Server::start("moto", moto).await?);
    servers.push(Server::start("s3s-fs", s3s).await?);
    Ok(servers)
}
