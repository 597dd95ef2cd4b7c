//! `kasane hsm simulator`, told to misbehave.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::binary;
use crate::tools::text;

/// A simulator of its own process, killed when dropped.
#[derive(Debug)]
pub struct Simulator {
    child: Child,
    address: SocketAddr,
    state: PathBuf,
    control: PathBuf,
}

impl Simulator {
    /// Starts it on the state of an earlier one and waits until it answers.
    ///
    /// # Panics
    /// When it ends instead.
    #[must_use]
    pub fn start(state: &Path, address: SocketAddr) -> Self {
        let control = state.with_extension("control");
        let child = launch(state, address, &control);
        let mut simulator = Self {
            child,
            address,
            state: state.to_owned(),
            control,
        };
        simulator.wait();
        simulator
    }

    /// The simulators of a folder that `quickstart --hsm simulator` made, started apart from it: the
    /// program itself starts none of them from here on.
    ///
    /// # Panics
    /// When its `hsm.toml` cannot be read.
    #[must_use]
    pub fn all_of(dir: &Path) -> Vec<Self> {
        let file = dir.join("hsm.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let kept: String = text
            .lines()
            .filter(|line| !line.starts_with("simulator_state"))
            .map(|line| format!("{line}\n"))
            .collect();
        std::fs::write(&file, kept).unwrap();
        configured(dir)
            .into_iter()
            .map(|(name, address)| Self::start(&dir.join("simulator").join(name), address))
            .collect()
    }

    /// Asks for misbehaviour, JSON.
    ///
    /// # Panics
    /// When it refuses.
    pub fn misbehave(&self, wish: &str) {
        let output = Command::new(binary())
            .args(["hsm", "simulator-fault"])
            .arg(&self.control)
            .arg(wish)
            .output()
            .unwrap();
        assert!(output.status.success(), "{wish}: {}", text(&output));
    }

    /// SIGKILL.
    ///
    /// # Panics
    /// When it is gone already.
    pub fn kill(&mut self) {
        assert!(self.child.try_wait().unwrap().is_none(), "it ended before");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again after a kill.
    ///
    /// # Panics
    /// When it ends instead.
    pub fn restart(&mut self) {
        self.child = launch(&self.state, self.address, &self.control);
        self.wait();
    }

    fn wait(&mut self) {
        let end = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(self.address).is_err() {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the simulator ended: {status}");
            }
            assert!(Instant::now() < end, "the simulator does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Names and addresses of the simulators in an `hsm.toml`.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn configured(dir: &Path) -> Vec<(String, SocketAddr)> {
    let config = std::fs::read_to_string(dir.join("hsm.toml")).unwrap();
    let config = kasane_hsm::config::HsmConfig::from_toml(&config).unwrap();
    let devices = config.devices.iter();
    devices
        .map(|it| {
            let yubihsm = it.yubihsm.as_ref().unwrap();
            (it.name.clone(), yubihsm.connector_address().unwrap())
        })
        .collect()
}

fn launch(state: &Path, address: SocketAddr, control: &Path) -> Child {
    // What a killed one left.
    let _ = std::fs::remove_file(control);
    Command::new(binary())
        .args(["hsm", "simulator", "--listen", &address.to_string()])
        .arg("--state")
        .arg(state)
        .arg("--control")
        .arg(control)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}
