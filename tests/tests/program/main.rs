//! The program as a whole: refusals, crashes, full disks, changed bytes.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod crash;
mod crl_final;
mod delta_bound;
mod disk;
mod edge;
mod edge_clock;
mod edge_revocation;
mod edge_strangers;
mod edge_wait;
mod fetch;
mod folder;
mod hostile;
mod hsm_alarm;
mod hsm_credentials;
mod hsm_devices;
mod hsm_faults;
mod hsm_ocsp_signers;
mod hsm_out_of_service;
mod hsm_quickstart;
mod hsm_refusals;
mod hsm_soak;
mod limits;
mod load;
mod nginx;
mod nginx_edge;
mod nginx_freshness;
mod nginx_outage;
mod ocsp_clients;
mod quickstart;
mod refusals;
mod revocation;
mod revoke_many;
mod starting;
mod status_under_load;
mod stepped_clock;
mod tampering;
mod verify_service;

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use kasane_tests::bad_request::request;
use kasane_tests::program::Kasane;
use kasane_tests::sample::Key;
use tempfile::TempDir;

/// An authority after its ceremony, in a folder of its own.
struct World {
    kasane: Kasane,
    folder: TempDir,
}

impl Deref for World {
    type Target = Kasane;

    fn deref(&self) -> &Kasane {
        &self.kasane
    }
}

impl World {
    /// A copy of the one that this process founded.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let kasane = copy(&folder.path().join("data"));
        Self { kasane, folder }
    }

    /// A request with a new P-384 key, as a file.
    fn csr(&self) -> String {
        let path = self.folder.path().join(format!(
            "{}.csr",
            fs::read_dir(&self.folder).unwrap().count()
        ));
        fs::write(&path, request(&Key::P384.generate(), &[])).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn issue(&self, csr: &str, request_key: &str) -> serde_json::Value {
        self.json(Kasane::issue_arguments(csr, "1", request_key))
    }
}

/// Copies the founded folder to `path`.
fn copy(path: &Path) -> Kasane {
    let status = Command::new("cp")
        .arg("-a")
        .arg(founded())
        .arg(path)
        .status()
        .unwrap();
    assert!(status.success());
    Kasane::on(path)
}

/// Founded once for each process: RSA keys of CAs take seconds.
fn founded() -> &'static Path {
    static FOUNDED: OnceLock<PathBuf> = OnceLock::new();
    FOUNDED.get_or_init(|| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("founded");
        let _ = fs::remove_dir_all(&path);
        Kasane::on(&path).found();
        path
    })
}
