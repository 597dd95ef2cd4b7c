//! A disk without space.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use kasane_tests::program::{Kasane, Service};
use kasane_tests::tools::{skip, text};

use serde_json::Value;

use crate::{World, copy};

/// A file system of its own, in memory; unmounted when dropped.
pub(crate) struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// None, noted by name, where this user may not mount.
    pub(crate) fn mount(path: &Path, megabytes: u32) -> Option<Self> {
        fs::create_dir(path).unwrap();
        let output = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(path)
            .output();
        match output {
            Ok(output) if output.status.success() => Some(Self {
                path: path.to_owned(),
            }),
            Ok(output) => {
                skip(&format!(
                    "full disk: this user may not mount ({})",
                    text(&output).trim()
                ));
                None
            }
            Err(error) => {
                skip(&format!("full disk: no mount ({error})"));
                None
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn fill(&self) -> PathBuf {
        let path = self.path.join("filler");
        let mut file = File::create(&path).unwrap();
        let zeros = [0; 4096];
        while file.write_all(&zeros).is_ok() {}
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}

/// The ledger on a disk of its own: the service goes on as soon as there is space again.
#[test]
fn full_ledger_disk_stops_issuance_and_nothing_else() {
    let world = World::new();
    let Some(disk) = SmallDisk::mount(&world.folder.path().join("disk"), 160) else {
        return;
    };
    let kasane = copy(&world.folder.path().join("own"));
    let ledger = kasane.dir().join("ledger");
    let status = Command::new("mv")
        .args([&ledger, &disk.path])
        .status()
        .unwrap();
    assert!(status.success());
    symlink(disk.path.join("ledger"), &ledger).unwrap();
    let csr = world.csr();
    let service = Service::start(&kasane);
    let kept = kasane.json(Kasane::issue_arguments(&csr, "1", "before"));
    let filler = disk.fill();
    assert_refuses(&kasane, &csr);
    let many = [
        "revoke-many",
        "--profile",
        "terminal-ecc",
        "--reason",
        "superseded",
        "--yes",
    ];
    assert_eq!(kasane.refusal(many).code, "disk.full");
    // What was answered before is answered again, and status is served on.
    assert_eq!(
        kasane.json(Kasane::issue_arguments(&csr, "1", "before")),
        kept
    );
    let crl = http_get(service.address(), "/crl/issuing-rsa/0.crl");
    assert!(
        crl.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&crl)
    );
    fs::remove_file(filler).unwrap();
    let fresh = kasane.json(Kasane::issue_arguments(&csr, "1", "after"));
    assert!(service.stop().success());
    assert_all_there(&kasane, &[&kept, &fresh]);
}

/// Everything on one disk, which is full to the last byte when the process dies and starts again.
#[test]
fn full_disk_loses_nothing_over_a_crash() {
    let world = World::new();
    let Some(disk) = SmallDisk::mount(&world.folder.path().join("disk"), 160) else {
        return;
    };
    let kasane = copy(&disk.path.join("data"));
    let csr = world.csr();
    let service = Service::start(&kasane);
    let kept = kasane.json(Kasane::issue_arguments(&csr, "1", "before"));
    let filler = disk.fill();
    assert_refuses(&kasane, &csr);
    service.kill();
    let still_full = kasane.refusal(Kasane::issue_arguments(&csr, "1", "still-full"));
    assert!(matches!(still_full.exit, 6 | 7), "{still_full:?}");
    fs::remove_file(filler).unwrap();
    assert_eq!(
        kasane.json(Kasane::issue_arguments(&csr, "1", "before"))["serial"],
        kept["serial"]
    );
    let fresh = kasane.json(Kasane::issue_arguments(&csr, "1", "after"));
    assert_all_there(&kasane, &[&kept, &fresh]);
}

fn assert_refuses(kasane: &Kasane, csr: &str) {
    let refusal = kasane.refusal(Kasane::issue_arguments(csr, "1", "full"));
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("disk.full", 7),
        "{}",
        refusal.message
    );
    assert!(
        refusal.message.contains("make space"),
        "{}",
        refusal.message
    );
}

fn assert_all_there(kasane: &Kasane, issued: &[&Value]) {
    let known = kasane.certificates();
    for issued in issued {
        let serial = issued["serial"].as_str().unwrap();
        assert!(
            known
                .iter()
                .any(|it| it.serial == serial && it.state == "valid"),
            "{serial}"
        );
    }
    assert!(
        !known
            .iter()
            .any(|it| it.state == "recorded" || it.state == "abandoned")
    );
    assert!(kasane.verified_ledger_size() > 0);
}

fn http_get(address: &str, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}
