//! What was answered outlives the process, however it ends.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use kasane_hsm_simulator::{Error, Firmware, Options, Simulator, log::LogEntry};
use yubihsm::{Capability, Client, Credentials, Domain, asymmetric::Algorithm, object};

use crate::support::{client, connector_to, label};

/// The program, killed when this is dropped.
struct Program {
    child: Child,
    port: u16,
}

impl Program {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_kasane-yubihsm-simulator"))
            .args(["--listen", "127.0.0.1:0", "--firmware", "2.2.0"])
            .arg("--until-stdin-closes")
            .arg("--state")
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let port = line
            .trim()
            .strip_prefix("listening http://127.0.0.1:")
            .unwrap()
            .parse()
            .unwrap();
        Self { child, port }
    }

    fn client(&self) -> Client {
        let credentials = Credentials::from_password(1, b"password");
        Client::open(connector_to(self.port), credentials, false).unwrap()
    }

    /// SIGKILL.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn killed_process_keeps_objects_and_log() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("state");
    let program = Program::start(&folder);
    let client = program.client();
    let may = Capability::SIGN_ECDSA;
    client
        .generate_asymmetric_key(7, label(), Domain::DOM1, may, Algorithm::EcP384)
        .unwrap();
    let public = client.get_public_key(7).unwrap().bytes;
    let info = client.device_info().unwrap();
    for _ in 0..20 {
        client.sign_ecdsa_prehash_raw(7, [3; 48]).unwrap();
    }
    program.kill();
    for round in 0..3 {
        let program = Program::start(&folder);
        let client = program.client();
        assert_eq!(client.get_public_key(7).unwrap().bytes, public);
        let again = client.device_info().unwrap();
        assert_eq!(again.serial_number, info.serial_number);
        // Reset, boot, session, generation, public key, signatures; then a boot, a session and a
        // public key a round.
        assert_eq!(again.log_store_used, 26 + 4 * (round + 1));
        client.sign_ecdsa_prehash_raw(7, [3; 48]).unwrap();
        program.kill();
        // A record that was torn is as if it had not been.
        let journal = folder.join("log.journal");
        let mut octets = fs::read(&journal).unwrap();
        octets.truncate(octets.len() - 1);
        fs::write(&journal, octets).unwrap();
    }
}

#[test]
fn chain_goes_on_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        state: Some(folder.path().to_owned()),
        firmware: Firmware(2, 2, 0),
        ..Options::default()
    };
    let read = |simulator: &Simulator| {
        let mut session = crate::raw_client::RawSession::open(simulator, 1, "password")
            .ok()
            .unwrap();
        let command = kasane_hsm_simulator::protocol::CommandCode::GET_LOG_ENTRIES;
        let data = session.command(command, &[]).unwrap();
        data[5..]
            .chunks(LogEntry::BYTES)
            .map(|octets| LogEntry::parse(octets).unwrap())
            .collect::<Vec<_>>()
    };
    let simulator = Simulator::start(options.clone()).unwrap();
    let before = read(&simulator);
    simulator.stop();
    let simulator = Simulator::start(options).unwrap();
    let after = read(&simulator);
    assert_eq!(after[..before.len()], before);
    let boot = after[before.len()];
    assert_eq!((boot.command, boot.result), (0, 0));
    let last = *before.last().unwrap();
    assert_eq!(
        boot,
        LogEntry::boot().chained(last.number + 1, &last.digest)
    );
}

#[test]
fn second_process_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        state: Some(folder.path().to_owned()),
        ..Options::default()
    };
    let first = Simulator::start(options.clone()).unwrap();
    let error = Simulator::start(options.clone()).err().unwrap();
    assert!(matches!(error, Error::InUse { .. }), "{error}");
    client(&first).device_info().unwrap();
    first.stop();
    Simulator::start(options).unwrap();
}

#[test]
fn files_are_for_their_owner_and_the_root_is_among_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("deep").join("state");
    let simulator = Simulator::start(Options {
        state: Some(folder.clone()),
        ..Options::default()
    })
    .unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(names.len(), 4);
    for path in names {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    let root = fs::read_to_string(folder.join("attestation-root.pem")).unwrap();
    assert_eq!(root, simulator.listening().attestation_root_pem);
}

#[test]
fn damaged_state_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    for text in ["", "{}", "{\"version\": 1}"] {
        fs::write(&path, text).unwrap();
        let error = Simulator::start(Options {
            state: Some(folder.path().to_owned()),
            ..Options::default()
        })
        .err()
        .unwrap();
        assert!(matches!(error, Error::State { .. }), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn everything_but_sessions_outlives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        state: Some(folder.path().to_owned()),
        ..Options::default()
    };
    let simulator = Simulator::start(options.clone()).unwrap();
    let before = client(&simulator);
    let all = Capability::all();
    for (id, algorithm) in [
        (1, Algorithm::EcP256),
        (2, Algorithm::Ed25519),
        (3, Algorithm::Rsa2048),
    ] {
        before
            .generate_asymmetric_key(id, label(), Domain::DOM4, all, algorithm)
            .unwrap();
    }
    before
        .generate_wrap_key(
            9,
            label(),
            Domain::DOM1,
            all,
            Capability::SIGN_ECDSA,
            yubihsm::wrap::Algorithm::Aes192Ccm,
        )
        .unwrap();
    before
        .set_force_audit_option(yubihsm::AuditOption::Fix)
        .unwrap();
    before
        .delete_object(2, object::Type::AsymmetricKey)
        .unwrap();
    let publics = |client: &Client| [1, 3].map(|id| client.get_public_key(id).unwrap().bytes);
    let (keys, certificate) = (publics(&before), before.get_opaque(0).unwrap());
    let describe = |client: &Client| {
        let entries = client.list_objects(&[]).unwrap();
        entries
            .iter()
            .map(|entry| {
                let info = client.get_object_info(entry.object_id, entry.object_type);
                format!("{:?}", info.unwrap())
            })
            .collect::<Vec<_>>()
    };
    let described = describe(&before);
    simulator.stop();
    before.echo(b"x".to_vec()).unwrap_err();
    let simulator = Simulator::start(options).unwrap();
    let after = client(&simulator);
    assert_eq!(describe(&after), described);
    assert_eq!(publics(&after), keys);
    assert_eq!(after.get_opaque(0).unwrap(), certificate);
    assert_eq!(
        after.get_force_audit_option().unwrap(),
        yubihsm::AuditOption::Fix
    );
    // Its name counts on.
    after
        .generate_asymmetric_key(2, label(), Domain::DOM4, all, Algorithm::Ed25519)
        .unwrap();
    let info = after.get_object_info(2, object::Type::AsymmetricKey);
    assert_eq!(info.unwrap().sequence, 1);
}

#[test]
fn program_ends_with_its_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(folder.path());
    program.client().device_info().unwrap();
    drop(program.child.stdin.take());
    assert!(program.child.wait().unwrap().success());
}
