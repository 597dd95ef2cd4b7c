//! Simulators that this program starts and that end with it: demonstrations only.

use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use kasane_web::control::{ExitClass, Problem};
use parking_lot::{Condvar, Mutex};

use super::HardwareConfig;

/// How long a start may take: making an attestation root included.
const START_LIMIT: Duration = Duration::from_secs(30);

/// How often a start is looked after.
const LOOK: Duration = Duration::from_millis(20);

/// How often a running one is looked after.
const WATCH: Duration = Duration::from_millis(500);

/// How long one may take to end.
const END_LIMIT: Duration = Duration::from_secs(5);

/// How long a connection to this machine may take.
const CONNECT: Duration = Duration::from_secs(1);

/// The simulators of an `hsm.toml`, watched: one that ended is started again.
pub(crate) struct ManagedSimulators {
    stopping: Arc<Stopping>,
    watcher: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Stopping {
    flag: Mutex<bool>,
    changed: Condvar,
}

/// One simulator and its process, if it is ours.
struct Managed {
    device: String,
    address: SocketAddr,
    state: PathBuf,
    child: Option<Child>,
}

impl ManagedSimulators {
    /// Starts each simulator that the configuration gives a folder for and that does not answer.
    pub(crate) fn start(config: &HardwareConfig) -> Result<Self, Problem> {
        let mut all: Vec<Managed> = config
            .document
            .devices
            .iter()
            .filter_map(|device| {
                let yubihsm = device.yubihsm.as_ref()?;
                Some(Managed {
                    device: device.name.clone(),
                    address: yubihsm.connector_address()?,
                    state: config.resolve(yubihsm.simulator_state.as_deref()?),
                    child: None,
                })
            })
            .collect();
        for one in &mut all {
            one.ensure()?;
        }
        let stopping = Arc::new(Stopping::default());
        if all.is_empty() {
            let watcher = None;
            return Ok(Self { stopping, watcher });
        }
        let told = Arc::clone(&stopping);
        let watcher = std::thread::Builder::new()
            .name("kasane-simulators".to_owned())
            .spawn(move || watch(all, &told))
            .map_err(|error| {
                let message = format!("the simulators cannot be watched: {error}");
                Problem::new(ExitClass::Environment, "hsm.simulator", message)
            })?;
        Ok(Self {
            stopping,
            watcher: Some(watcher),
        })
    }
}

impl Drop for ManagedSimulators {
    fn drop(&mut self) {
        *self.stopping.flag.lock() = true;
        self.stopping.changed.notify_all();
        if let Some(watcher) = self.watcher.take()
            && watcher.join().is_err()
        {
            tracing::error!("the watcher of the simulators panicked");
        }
    }
}

fn watch(mut all: Vec<Managed>, stopping: &Stopping) {
    loop {
        let mut flag = stopping.flag.lock();
        if !*flag {
            stopping.changed.wait_for(&mut flag, WATCH);
        }
        if *flag {
            break;
        }
        drop(flag);
        for one in &mut all {
            if let Err(problem) = one.ensure() {
                tracing::error!(device.name = one.device, code = problem.code, %problem, "simulator");
            }
        }
    }
}

impl Managed {
    /// Starts it if it does not answer, and waits until it does.
    fn ensure(&mut self) -> Result<(), Problem> {
        if let Some(child) = &mut self.child {
            match child.try_wait() {
                Ok(None) => return Ok(()),
                Ok(Some(status)) => {
                    tracing::warn!(device.name = self.device, %status, "the simulator ended; it is started again");
                }
                Err(error) => {
                    tracing::error!(device.name = self.device, %error, "the simulator is out of sight");
                }
            }
            self.child = None;
        }
        if self.answers() {
            return Ok(());
        }
        let mut child = self.spawn()?;
        let limit = Instant::now() + START_LIMIT;
        loop {
            let ended = child.try_wait().ok().flatten();
            if let Some(status) = ended {
                // Another one that holds the same folder may have come first.
                if self.answers() {
                    return Ok(());
                }
                return Err(self.failed(&format!("it ended ({status})")));
            }
            if self.answers() {
                self.child = Some(child);
                return Ok(());
            }
            if Instant::now() >= limit {
                end(child);
                return Err(self.failed("it did not answer in time"));
            }
            std::thread::sleep(LOOK);
        }
    }

    fn answers(&self) -> bool {
        TcpStream::connect_timeout(&self.address, CONNECT).is_ok()
    }

    fn spawn(&self) -> Result<Child, Problem> {
        Command::new("/proc/self/exe")
            .args(["hsm", "simulator", "--until-stdin-closes", "--listen"])
            .arg(self.address.to_string())
            .arg("--state")
            .arg(&self.state)
            // Its end of the pipe closes with this process, however that ends.
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            // Ctrl-C is for the service, which drains the devices' logs once more.
            .process_group(0)
            .spawn()
            .map_err(|error| self.failed(&error.to_string()))
    }

    fn failed(&self, reason: &str) -> Problem {
        let message = format!(
            "device {}: the simulator at {} was not started: {reason}; see what it said above, or \
             choose another port in hsm.toml",
            self.device, self.address
        );
        Problem::new(ExitClass::Environment, "hsm.simulator", message)
    }
}

impl Drop for Managed {
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            end(child);
        }
    }
}

/// Tells it to end and waits; it writes what it has to.
fn end(mut child: Child) {
    drop(child.stdin.take());
    let limit = Instant::now() + END_LIMIT;
    while Instant::now() < limit {
        match child.try_wait() {
            Ok(None) => std::thread::sleep(LOOK),
            _ => return,
        }
    }
    // Gone already is as well.
    let _killed = child.kill();
    let _waited = child.wait();
}
