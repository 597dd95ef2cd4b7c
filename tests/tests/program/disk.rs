//! A disk without space.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use kasane_tests::program::{Kasane, Service};
use kasane_tests::tools::{skip, text};

use crate::{World, copy};

/// A file system of its own, in memory; unmounted when dropped.
struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// None, noted by name, where this user may not mount.
    fn mount(path: &Path, megabytes: u32) -> Option<Self> {
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

    fn fill(&self) -> PathBuf {
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

#[test]
fn full_disk_stops_issuance_and_loses_nothing() {
    let world = World::new();
    let Some(disk) = SmallDisk::mount(&world.folder.path().join("disk"), 64) else {
        return;
    };
    let kasane = copy(&disk.path.join("data"));
    let csr = world.csr();
    let issue = |key: &str| kasane.json(Kasane::issue_arguments(&csr, "1", key));
    let service = Service::start(&kasane);
    let kept = issue("before");
    let filler = disk.fill();
    // What is still buffered in a file's last block may let a few through.
    let mut through = Vec::new();
    let refusal = loop {
        let key = format!("full-{}", through.len());
        let output = kasane
            .command(Kasane::issue_arguments(&csr, "1", &key))
            .arg("--json")
            .output()
            .unwrap();
        if !output.status.success() {
            break kasane_tests::program::refusal_of(&output);
        }
        through.push(key);
        assert!(through.len() < 1_000, "a full disk takes entries");
    };
    assert_eq!(refusal.exit, 7, "{}: {}", refusal.code, refusal.message);
    assert!(
        refusal.code.starts_with("ledger.") || refusal.code.starts_with("store."),
        "{}: {}",
        refusal.code,
        refusal.message
    );
    fs::remove_file(filler).unwrap();
    service.kill();
    // With space again everything that was acknowledged is there, and it goes on.
    assert_eq!(issue("before")["serial"], kept["serial"]);
    for key in &through {
        issue(key);
    }
    let fresh = issue("after");
    let valid: Vec<_> = kasane
        .certificates()
        .into_iter()
        .filter(|it| it.state == "valid")
        .collect();
    for issued in [&kept, &fresh] {
        assert!(
            valid
                .iter()
                .any(|it| issued["serial"] == it.serial.as_str())
        );
    }
    assert!(kasane.verified_ledger_size() > 0);
}
