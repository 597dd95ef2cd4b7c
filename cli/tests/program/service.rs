use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::world::{World, issue, refusal_of, said};

/// `kasane serve`, killed when dropped.
struct Service(Option<Child>);

impl Service {
    fn start(world: &World) -> Self {
        let mut command = world.command(["serve", "--listen", "127.0.0.1:0"]);
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut service = Self(Some(child));
        let socket = world.dir().join("kasane.sock");
        let end = Instant::now() + Duration::from_secs(30);
        while UnixStream::connect(&socket).is_err() {
            let ended = service.0.as_mut().unwrap().try_wait().unwrap().is_some();
            assert!(!ended && Instant::now() < end, "{}", said(&service.kill()));
            std::thread::sleep(Duration::from_millis(20));
        }
        service
    }

    fn kill(&mut self) -> Output {
        let mut child = self.0.take().unwrap();
        child.kill().unwrap();
        child.wait_with_output().unwrap()
    }

    fn terminate(&mut self) -> Output {
        let child = self.0.take().unwrap();
        let told = Command::new("kill")
            .arg(child.id().to_string())
            .status()
            .unwrap();
        assert!(told.success());
        child.wait_with_output().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if self.0.is_some() {
            self.kill();
        }
    }
}

#[test]
fn command_says_the_same_with_and_without_a_service() {
    let world = World::new();
    let csr = world.csr("terminal.csr");
    let serial = world.issue("1", &csr)["serial"]
        .as_str()
        .unwrap()
        .to_owned();
    let commands: [&[&str]; 6] = [
        &["list"],
        &["show", &serial],
        &["facility", "list", "--contacts"],
        &["crl", "list"],
        &["ledger", "export", "--to", "20"],
        &[
            "policy",
            "explain",
            "--profile",
            "terminal-ecc",
            "--at",
            "2028-05-01",
        ],
    ];
    let before = commands.map(|command| world.text(command));
    let mut service = Service::start(&world);
    let during = commands.map(|command| world.text(command));
    assert_eq!(before, during);
    // The service issues, and asks no other questions than the command alone.
    let other = world.csr("other.csr");
    assert_eq!(world.issue("2", &other)["profile"], "terminal-ecc");
    assert_eq!(
        world.refusal(issue("3", &other)),
        (4, "terminal.unknown".into())
    );
    let output = service.terminate();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains("demonstration: software keys"), "{log}");
    assert!(!world.dir().join("kasane.sock").exists());
    let state = std::fs::read_to_string(world.dir().join("store.state")).unwrap();
    assert!(state.ends_with(" clean"), "{state}");
}

#[test]
fn second_service_on_a_folder_is_refused() {
    let world = World::new();
    let _service = Service::start(&world);
    let socket = std::fs::metadata(world.dir().join("kasane.sock")).unwrap();
    assert!(socket.file_type().is_socket());
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    let second = world.refusal(["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second, (5, "folder.in-use".into()));
    assert_eq!(
        world.refusal(["store", "rebuild"]),
        (5, "folder.in-use".into())
    );
    // The refused one has not taken the socket away.
    world.json(["list"]);
}

#[test]
fn killed_service_leaves_a_folder_that_goes_on() {
    let world = World::new();
    let csr = world.csr("terminal.csr");
    let serial = {
        let mut service = Service::start(&world);
        let issued = world.issue("1", &csr);
        service.kill();
        issued["serial"].clone()
    };
    assert!(
        world.dir().join("kasane.sock").exists(),
        "nobody was there to remove it"
    );
    let listed = world.json(["list", "--state", "valid"]);
    assert!(
        listed["certificates"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["serial"] == serial)
    );
    let _service = Service::start(&world);
    world.json(["show", serial.as_str().unwrap()]);
}

#[test]
fn process_killed_after_the_record_leaves_an_abandoned_serial() {
    let world = World::new();
    let csr = world.csr("terminal.csr");
    let killed = world
        .command(issue("1", &csr))
        .env("KASANE_FAIL_POINT", "recorded")
        .output();
    assert_eq!(killed.unwrap().status.code(), None, "a signal ended it");
    let listed = world.json(["list", "--state", "abandoned"]);
    let abandoned = listed["certificates"].as_array().unwrap();
    assert_eq!(abandoned.len(), 1);
    assert!(
        abandoned[0]["revocation"].is_object(),
        "its serial counts as revoked"
    );
    world.json(["ledger", "verify"]);
}

#[test]
fn address_that_is_taken_is_said_and_nothing_stays_held() {
    let world = World::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = world
        .command(["serve", "--listen", &address, "--json"])
        .output()
        .unwrap();
    assert_eq!(refusal_of(&output), (7, "service.listen".into()));
    world.json(["list"]);
}
