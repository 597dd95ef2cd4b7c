//! The command line.

use std::{
    io::{Read, Write, stdin, stdout},
    net::SocketAddr,
    path::PathBuf,
    thread,
    time::Duration,
};

use clap::Args as _;
use tokio::{
    runtime,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

use crate::{
    Error,
    fault::{Misbehaviour, Pace},
    options::{ControlAddress, FIRST_SERIAL, Firmware, Options},
    server::{Listening, run},
};

/// Play a YubiHSM 2 for tests. Not a device: keys in it are not protected.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Loopback address of the connector; port 0 takes a free one, which is printed
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:12345")]
    listen: SocketAddr,
    /// Where misbehaviour is asked for: a loopback address, or the path of a socket
    #[arg(long, value_name = "ADDRESS|PATH")]
    control: Option<ControlAddress>,
    /// Folder in which objects, log and the attestation root are kept; nothing is kept without it
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Serial number of a new state folder; simulators' begin at 4000000000
    #[arg(long, value_parser = clap::value_parser!(u32).range(i64::from(FIRST_SERIAL)..))]
    serial: Option<u32>,
    /// Firmware to play; up to 2.3.0 commands are logged from the start
    #[arg(long, value_name = "VERSION", default_value = "2.4.0")]
    firmware: Firmware,
    /// Seconds of silence after which a session ends
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    session_timeout: u64,
    /// How long signatures take
    #[arg(long, value_enum, default_value_t = Pace::None)]
    pace: Pace,
    /// Misbehaviour from the start, as JSON: {"do":"delay","milliseconds":200,"command":86}
    #[arg(long, value_name = "JSON", value_parser = parse_misbehaviour)]
    misbehave: Vec<Misbehaviour>,
    /// End when standard input ends, so as not to outlive a parent process
    #[arg(long)]
    until_stdin_closes: bool,
}

fn parse_misbehaviour(text: &str) -> Result<Misbehaviour, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

impl Args {
    /// The options that were asked for.
    #[must_use]
    pub fn options(&self) -> Options {
        Options {
            listen: self.listen,
            control: self.control.clone(),
            state: self.state.clone(),
            serial: self.serial,
            firmware: self.firmware,
            session_timeout: Duration::from_secs(self.session_timeout),
            pace: self.pace,
            misbehaviour: self.misbehave.clone(),
            ..Options::default()
        }
    }

    /// Runs until SIGTERM or SIGINT, or the end of standard input. Prints
    /// `listening http://127.0.0.1:PORT` when it is up, and `control ADDRESS` before it.
    ///
    /// # Errors
    /// As [`run`].
    pub fn run(&self) -> Result<(), Error> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|reason| Error::Runtime { reason })?;
        let (closed, stdin_closed) = oneshot::channel::<()>();
        let follows_stdin = self.until_stdin_closes;
        if follows_stdin {
            thread::spawn(move || {
                let mut octets = [0; 1024];
                while matches!(stdin().read(&mut octets), Ok(count) if count > 0) {}
                drop(closed);
            });
        }
        runtime.block_on(async {
            let failed = |reason| Error::Runtime { reason };
            let mut terminated = signal(SignalKind::terminate()).map_err(failed)?;
            let mut interrupted = signal(SignalKind::interrupt()).map_err(failed)?;
            run(self.options(), announce, async move {
                tokio::select! {
                    _ = terminated.recv() => {}
                    _ = interrupted.recv() => {}
                    _ = stdin_closed, if follows_stdin => {}
                }
            })
            .await
        })
    }

    /// The program's own command.
    #[must_use]
    pub fn command() -> clap::Command {
        Self::augment_args(clap::Command::new("kasane-yubihsm-simulator"))
            .version(env!("CARGO_PKG_VERSION"))
    }
}

fn announce(listening: &Listening) {
    let mut out = stdout().lock();
    let control = match &listening.control {
        None => String::new(),
        Some(ControlAddress::Port(address)) => format!("control http://{address}\n"),
        Some(ControlAddress::Socket(path)) => format!("control {}\n", path.display()),
    };
    // A parent that does not read is none of ours.
    let _ = writeln!(out, "{control}listening http://{}", listening.connector)
        .and_then(|()| out.flush());
}
