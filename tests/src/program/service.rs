//! `kasane serve`.

use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use super::{Kasane, free_address};

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

    /// The same at an address that others know already.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn launch_at(kasane: &Kasane, address: SocketAddr) -> Self {
        let listen = address.to_string();
        Self::spawn(kasane, &["serve", "--listen", &listen], address)
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
