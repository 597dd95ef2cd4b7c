//! A simulator in a process of its own, killed and beside others.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use clap::FromArgMatches;
use kasane_hsm::config::Access;
use kasane_hsm::yubihsm::provision;
use kasane_hsm::{Error, KeyBackend, KeyRole};
use kasane_hsm_simulator::Args;
use kasane_verify::KeyAlgorithm;

use crate::support::{config, default_login, device, label, place, plan, sign, sign_well};

/// Arguments of the process that plays the simulator, one a line.
const ARGUMENTS: &str = "KASANE_TEST_SIMULATOR_ARGUMENTS";

/// Not a test of its own: the process that [`Process::start`] makes of this program.
#[test]
#[ignore = "the other process of the tests below"]
fn plays_simulator() {
    #[expect(
        clippy::disallowed_methods,
        reason = "how a test hands arguments to a process of the test runner"
    )]
    let arguments = std::env::var(ARGUMENTS).unwrap();
    let matches = Args::command()
        .try_get_matches_from(std::iter::once("simulator").chain(arguments.lines()))
        .unwrap();
    Args::from_arg_matches(&matches).unwrap().run().unwrap();
}

struct Process {
    child: Child,
    url: String,
}

impl Process {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "process::plays_simulator",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env(
                ARGUMENTS,
                [arguments, &["--until-stdin-closes"]].concat().join("\n"),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let url = out
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.split_once("listening ").map(|it| it.1.to_owned()))
            .unwrap();
        Self { child, url }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn killed_process_loses_no_key_and_is_used_again_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().to_str().unwrap().to_owned();
    let first = Process::start(&["--listen", "127.0.0.1:0", "--state", &state]);
    provision::commission(&place(&first.url), &default_login(), &plan()).unwrap();
    let config = config(&first.url);
    let ceremony = device(&config, Access::Ceremony);
    let made = ceremony
        .generate(&label("issuing"), KeyRole::IssuingCa, KeyAlgorithm::P384)
        .unwrap();
    let signing = device(&config, Access::Signing);
    let key = signing.open(&label("issuing"), KeyRole::IssuingCa).unwrap();
    sign_well(key.as_ref(), b"one");
    let place = first.url.strip_prefix("http://").unwrap().to_owned();
    drop(first);
    // The first may have been under way; nothing is after it.
    let _ = sign(key.as_ref(), b"two");
    let error = sign(key.as_ref(), b"two").unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    let _second = Process::start(&["--listen", &place, "--state", &state]);
    sign_well(key.as_ref(), b"three");
    assert_eq!(signing.keys().unwrap(), [made]);
}

#[test]
fn second_process_beside_the_first_uses_the_same_device() {
    let process = Process::start(&["--listen", "127.0.0.1:0"]);
    provision::commission(&place(&process.url), &default_login(), &plan()).unwrap();
    let config = config(&process.url);
    device(&config, Access::Ceremony)
        .generate(&label("issuing"), KeyRole::IssuingCa, KeyAlgorithm::P256)
        .unwrap();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let device = device(&config, Access::Signing);
                let key = device.open(&label("issuing"), KeyRole::IssuingCa).unwrap();
                for _ in 0..15 {
                    sign_well(key.as_ref(), b"message");
                }
            });
        }
    });
}
