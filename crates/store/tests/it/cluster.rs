//! A PostgreSQL cluster of the test's own, from the programs of the Debian package.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use store::{PostgresOptions, PostgresStore};
use tempfile::TempDir;

/// The user that runs the server where the test runs as root, which PostgreSQL refuses.
const SERVER_USER: &str = "postgres";

/// A running cluster, reached by a socket in its folder. It ends with the value.
pub(crate) struct Cluster {
    programs: PathBuf,
    folder: TempDir,
    server: Option<Child>,
}

impl Cluster {
    /// Starts a cluster; `None` where PostgreSQL is not installed, unless `PALISADE_POSTGRES` says
    /// that it must be.
    pub(crate) fn start() -> Option<Cluster> {
        let Some(programs) = programs() else {
            let demanded = std::env::var_os("PALISADE_POSTGRES").is_some();
            assert!(!demanded, "there is no /usr/lib/postgresql/*/bin/initdb");
            eprintln!("left out: PostgreSQL is not installed");
            return None;
        };
        let folder = tempfile::Builder::new()
            .prefix("palisade-postgres")
            .tempdir_in("/tmp")
            .unwrap();
        if is_root() {
            run(Command::new("chown").arg(SERVER_USER).arg(folder.path()));
        }
        let mut cluster = Cluster {
            programs,
            folder,
            server: None,
        };
        let data = cluster.data();
        run(cluster
            .program("initdb")
            .args(["--username=palisade", "--auth=trust", "--encoding=UTF8"])
            .args(["--locale=C", "--no-sync", "--pgdata"])
            .arg(data));
        cluster.resume();
        Some(cluster)
    }

    /// Starts the server again after [`Cluster::stop`].
    pub(crate) fn resume(&mut self) {
        let (data, folder) = (self.data(), self.folder.path().to_owned());
        let mut server = self.program("postgres");
        server.arg("-D").arg(data).arg("-k").arg(&folder);
        for setting in ["listen_addresses=", "fsync=off", "shared_buffers=16MB"] {
            server.args(["-c", setting]);
        }
        let log = fs::File::create(folder.join("log")).ok();
        let log = log.map_or_else(Stdio::null, Stdio::from);
        self.server = Some(server.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        let begun = Instant::now();
        let ready = |programs: &Path| {
            Command::new(programs.join("pg_isready"))
                .arg("-q")
                .arg("-h")
                .arg(&folder)
                .status()
                .is_ok_and(|status| status.success())
        };
        while !ready(&self.programs) {
            let patience = Duration::from_secs(60);
            assert!(begun.elapsed() < patience, "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Stops the server at once, as a crash would.
    pub(crate) fn stop(&mut self) {
        let Some(mut server) = self.server.take() else {
            return;
        };
        let data = self.data();
        // `pg_ctl` knows the server's own process, which is not the one that was started as root.
        let stop = self
            .program("pg_ctl")
            .args(["stop", "-m", "immediate", "-D"])
            .arg(data)
            .stdout(Stdio::null())
            .status();
        if !stop.is_ok_and(|status| status.success()) {
            drop(server.kill());
        }
        drop(server.wait());
    }

    /// Where a store of its own is.
    pub(crate) fn options(&self, schema: &str) -> PostgresOptions {
        let folder = self.folder.path().display();
        PostgresOptions {
            schema: schema.to_owned(),
            ..PostgresOptions::new(&format!("postgres:///postgres?host={folder}&user=palisade"))
        }
    }

    /// Opens a store of its own.
    pub(crate) fn store(&self, schema: &str) -> PostgresStore {
        PostgresStore::open(&self.options(schema)).unwrap()
    }

    /// Runs SQL as an operator would.
    pub(crate) fn sql(&self, sql: &str) -> String {
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-U", "palisade", "-d", "postgres"])
            .arg("-h")
            .arg(self.folder.path())
            .args(["-c", sql])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid", SERVER_USER, "--regid", SERVER_USER])
                .arg("--clear-groups")
                .arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The newest version that is installed.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    versions
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .filter(|programs| programs.join("initdb").is_file())
        .max()
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}
