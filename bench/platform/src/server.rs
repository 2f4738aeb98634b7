//! The servers, each started in a folder of its own and stopped at the end.

use crate::Result;
use crate::api::Credentials;
use std::ffi::OsString;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpStream;

/// How the names of what callgrind writes begin.
const DUMP: &str = "instructions";

/// A running server.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    /// Whose keys it knows from the start.
    pub(crate) root: Credentials,
    /// From its start to the first connection that it takes.
    pub(crate) start_up: Duration,
    process: Child,
    folder: TempDir,
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
        let (user, kernel) = self.times()?;
        Ok(user + kernel)
    }

    /// The same, its own and the kernel's for it.
    pub(crate) fn times(&self) -> Result<(Duration, Duration)> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The name in parentheses may hold anything; user and system time are the 12th and 13th behind it.
        let (_, rest) = stat.rsplit_once(')').ok_or("no name")?;
        let mut ticks = rest.split_whitespace().skip(11).map(str::parse::<u64>);
        let mut next = || ticks.next().ok_or("too short")?.map_err(|_| "no number");
        let mut time = || next().map(|ticks| Duration::from_millis(ticks * 10));
        Ok((time()?, time()?))
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What callgrind wrote last.
    pub(crate) fn newest_dump(&self) -> Result<PathBuf> {
        let dumps = std::fs::read_dir(self.folder.path())?.flatten();
        let dumps = dumps.map(|entry| entry.path()).filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(DUMP)
        });
        let number = |path: &PathBuf| {
            let ending = path.extension()?.to_str()?;
            ending.parse::<u32>().ok()
        };
        dumps
            .max_by_key(number)
            .ok_or_else(|| "callgrind wrote nothing".into())
    }

    /// Palisade as it is by default.
    pub(crate) async fn plain(palisade: &Path) -> Result<Self> {
        let start = |port: u16, folder: &Path| {
            let mut command = Command::new(palisade);
            command.args(serve(port, folder, "process-end"));
            Ok(command)
        };
        Self::start("Palisade", start).await
    }

    /// Palisade under callgrind, which does not count yet.
    pub(crate) async fn counted(palisade: &Path) -> Result<Self> {
        let start = |port: u16, folder: &Path| {
            let mut command = Command::new("valgrind");
            command.args(["--tool=callgrind", "--instr-atstart=no"]);
            let dump = folder.join(DUMP);
            command.arg(format!("--callgrind-out-file={}", dump.display()));
            command
                .arg(palisade)
                .args(serve(port, folder, "process-end"));
            Ok(command)
        };
        Self::start("Palisade under callgrind", start).await
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
        let command = command(address.port(), folder.path())?;
        let (process, start_up) = spawn(name, command, address, &root).await?;
        Ok(Self {
            name,
            address,
            root,
            start_up,
            process,
            folder,
        })
    }

    /// Ends Palisade as a service manager would, and starts it again in its folder.
    pub(crate) async fn restart(&mut self, palisade: &Path) -> Result {
        let pid = self.pid().to_string();
        Command::new("kill").args(["-TERM", &pid]).status()?;
        self.process.wait()?;
        let mut command = Command::new(palisade);
        command.args(serve(
            self.address.port(),
            self.folder.path(),
            "process-end",
        ));
        (self.process, self.start_up) = spawn(self.name, command, self.address, &self.root).await?;
        Ok(())
    }
}

/// Starts a server and waits until it takes connections. Returns how long that took.
async fn spawn(
    name: &str,
    mut command: Command,
    address: SocketAddr,
    root: &Credentials,
) -> Result<(Child, Duration)> {
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
    Ok((process, began.elapsed()))
}

/// The arguments of `palisade` that serve from a folder.
fn serve(port: u16, folder: &Path, durability: &str) -> Vec<OsString> {
    let listen = format!("127.0.0.1:{port}");
    let known = ["serve", "--listen", &listen, "--durability", durability];
    let data = [OsString::from("--data"), folder.join("data").into()];
    known.iter().map(OsString::from).chain(data).collect()
}

/// Starts Palisade, as it is by default and with everything flushed to the disk, and its peers.
pub(crate) async fn start(palisade: &Path, peers: Option<&Path>) -> Result<Vec<Server>> {
    let power_loss = |port: u16, folder: &Path| {
        let mut command = Command::new(palisade);
        command.args(serve(port, folder, "power-loss"));
        Ok(command)
    };
    let mut servers = vec![
        Server::plain(palisade).await?,
        Server::start("Palisade, power-loss", power_loss).await?,
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
