//! The program `kasane`, run as people run it.

use std::ffi::OsStr;
use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use crate::tools::{root, text};

/// The binary: `KASANE_BIN`, or built here in the release profile.
///
/// # Panics
/// When it cannot be built.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "how ./test names the binary it built"
)]
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("KASANE_BIN") {
            return path.into();
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .current_dir(root())
            .args([
                "build",
                "--release",
                "--package",
                "kasane-cli",
                "--message-format=json",
            ])
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(built.status.success(), "the program does not build");
        String::from_utf8(built.stdout)
            .unwrap()
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find_map(|message| message["executable"].as_str().map(PathBuf::from))
            .unwrap()
    })
}

/// A data folder and the program that works on it.
#[derive(Clone, Debug)]
pub struct Kasane {
    dir: PathBuf,
    env: Vec<(String, String)>,
}

impl Kasane {
    /// The program on that folder.
    #[must_use]
    pub fn on(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            env: Vec::new(),
        }
    }

    /// The same with a variable of the environment.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A command with `--dir`, ready to run.
    #[must_use]
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).arg("--dir").arg(&self.dir);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// Runs it.
    ///
    /// # Panics
    /// When the program cannot be started.
    #[must_use]
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs it with `--json`; what it printed.
    ///
    /// # Panics
    /// When it failed or printed no JSON.
    pub fn json<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Value {
        let output = self.command(arguments).arg("--json").output().unwrap();
        assert!(
            output.status.success(),
            "{}: {}",
            output.status,
            text(&output)
        );
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}", text(&output)))
    }
}

/// A refusal: the stable code and the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: String,
    /// What was said.
    pub message: String,
    /// The exit code.
    pub exit: i32,
}

impl Kasane {
    /// Runs it with `--json`; why it refused.
    ///
    /// # Panics
    /// When it did not refuse in the documented form.
    pub fn refusal<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Refusal {
        let output = self.command(arguments).arg("--json").output().unwrap();
        refusal_of(&output)
    }

    /// Runs the ceremony of the demonstration and registers a facility of 4 terminals.
    ///
    /// # Panics
    /// When a step fails.
    pub fn found(&self) {
        let script = self.dir.with_extension("ceremony.toml");
        std::fs::write(&script, crate::sample::SCRIPT).unwrap();
        let _ = self.json([OsStr::new("ceremony"), script.as_os_str()]);
        // Tests count what they issue.
        let settings = self.dir.join("revocation.toml");
        std::fs::write(settings, "[canary]\nenabled = false\n").unwrap();
        let _ = self.json([
            "facility",
            "add",
            crate::sample::FACILITY,
            "--terminals",
            "4",
        ]);
    }

    /// The arguments of `issue` for a terminal of the sample facility.
    #[must_use]
    pub fn issue_arguments<'a>(
        csr: &'a str,
        terminal: &'a str,
        request_key: &'a str,
    ) -> [&'a str; 11] {
        let facility = crate::sample::FACILITY;
        [
            "issue",
            "--profile",
            "terminal-ecc",
            "--facility",
            facility,
            "--terminal",
            terminal,
            "--csr",
            csr,
            "--request-key",
            request_key,
        ]
    }

    /// Every certificate that the authority knows of, burnt ones included.
    ///
    /// # Panics
    /// When `list` fails.
    #[must_use]
    pub fn certificates(&self) -> Vec<Listed> {
        let answer = self.json(["list", "--limit", "10000"]);
        assert_eq!(answer["more"], false);
        serde_json::from_value(answer["certificates"].clone()).unwrap()
    }

    /// Entries of the ledger, after checking all of it.
    ///
    /// # Panics
    /// When it does not verify.
    #[must_use]
    pub fn verified_ledger_size(&self) -> u64 {
        self.json(["ledger", "verify"])["entries"].as_u64().unwrap()
    }
}

/// Why the program refused.
///
/// # Panics
/// When it did not refuse in the documented form.
#[must_use]
pub fn refusal_of(output: &Output) -> Refusal {
    assert!(
        !output.status.success(),
        "it should have refused: {}",
        text(output)
    );
    let exit = output
        .status
        .code()
        .unwrap_or_else(|| panic!("{}: {}", output.status, text(output)));
    let answer: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("no JSON ({error}): {}", text(output)));
    let field = |name: &str| answer["error"][name].as_str().unwrap().to_owned();
    Refusal {
        code: field("code"),
        message: field("message"),
        exit,
    }
}

/// A line of `kasane list`.
#[derive(Clone, Debug, Deserialize)]
pub struct Listed {
    /// The issuer.
    pub issuer: String,
    /// The serial number.
    pub serial: String,
    /// Whom it names.
    pub subject: String,
    /// `valid`, `abandoned`, …
    pub state: String,
    /// When and why it was revoked.
    pub revocation: Option<Value>,
}

/// Free when asked; nothing else on this machine is in a hurry to take it.
///
/// # Panics
/// When loopback has no port left.
#[must_use]
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// `kasane serve`, killed when dropped.
#[derive(Debug)]
pub struct Service {
    child: Child,
    address: String,
    log: PathBuf,
}

impl Service {
    /// Starts it and waits until it takes commands.
    ///
    /// # Panics
    /// When it ends instead, with its log.
    #[must_use]
    pub fn start(kasane: &Kasane) -> Self {
        let mut service = Self::launch(kasane);
        service.wait_until_ready(kasane);
        service
    }

    /// Starts it and does not wait.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn launch(kasane: &Kasane) -> Self {
        Self::launch_at(kasane, free_address())
    }

    /// Starts it at an address, such as the one that certificates name, and waits until it takes
    /// commands.
    ///
    /// # Panics
    /// When it ends instead, with its log.
    #[must_use]
    pub fn start_at(kasane: &Kasane, address: SocketAddr) -> Self {
        let mut service = Self::launch_at(kasane, address);
        service.wait_until_ready(kasane);
        service
    }

    /// Starts it with a feed for edge responders, and waits until it takes commands.
    ///
    /// # Panics
    /// When it ends instead, with its log.
    #[must_use]
    pub fn start_with_feed(kasane: &Kasane, feed: SocketAddr) -> Self {
        Self::start_at_with_feed(kasane, free_address(), feed)
    }

    /// The same, answering at that address.
    ///
    /// # Panics
    /// When it ends instead, with its log.
    #[must_use]
    pub fn start_at_with_feed(kasane: &Kasane, address: SocketAddr, feed: SocketAddr) -> Self {
        let (listen, feed) = (address.to_string(), feed.to_string());
        let arguments = ["serve", "--listen", &listen, "--feed", &feed];
        let mut service = Self::spawn(kasane, &arguments, address);
        service.wait_until_ready(kasane);
        service
    }

    fn launch_at(kasane: &Kasane, address: SocketAddr) -> Self {
        let listen = address.to_string();
        Self::spawn(kasane, &["serve", "--listen", &listen], address)
    }

    /// Starts the program as a service that will answer at `address`.
    pub(crate) fn spawn(kasane: &Kasane, arguments: &[&str], address: SocketAddr) -> Self {
        let log = kasane
            .dir
            .with_extension(format!("serve-{}.log", address.port()));
        let file = File::create(&log).unwrap();
        let child = kasane
            .command(arguments)
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        Self {
            child,
            address: address.to_string(),
            log,
        }
    }

    /// Where it serves status: `127.0.0.1:8080`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What it said so far.
    ///
    /// # Panics
    /// When its log cannot be read.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// How it ended, if it did within `limit`.
    ///
    /// # Panics
    /// When the process cannot be waited for.
    pub fn ended_within(&mut self, limit: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            if Instant::now() > end {
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until it takes connections.
    ///
    /// # Panics
    /// When it ends instead, with its log.
    pub(crate) fn wait_until_it_listens(&mut self) {
        let end = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(&self.address).is_err() {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the service ended ({status}): {}", self.log());
            }
            assert!(Instant::now() < end, "nobody listens: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// SIGKILL, as the worst of all ends.
    ///
    /// # Panics
    /// When it was not running any more.
    pub fn kill(mut self) {
        assert!(
            self.child.try_wait().unwrap().is_none(),
            "it ended before: {}",
            self.log()
        );
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Stops it as people do; how it ended.
    ///
    /// # Panics
    /// When it does not end.
    pub fn stop(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        self.ended_within(Duration::from_secs(30))
            .unwrap_or_else(|| panic!("it does not stop: {}", self.log()))
    }

    fn wait_until_ready(&mut self, kasane: &Kasane) {
        let socket = kasane.dir.join("kasane.sock");
        let end = Instant::now() + Duration::from_secs(60);
        while UnixStream::connect(&socket).is_err() || TcpStream::connect(&self.address).is_err() {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the service ended ({status}): {}", self.log());
            }
            assert!(
                Instant::now() < end,
                "the service does not answer: {}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
