//! What the demonstration leaves for people to try.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use der::pem::LineEnding;
use kasane_ca_core::authority::Authority;

use super::QuickstartError;
use super::enrolled::Enrolled;

/// CA certificates by the stem of their file.
pub(super) const CA_FILES: [&str; 6] = [
    "root-rsa",
    "root-ecc",
    "root-ecc-by-rsa",
    "root-rsa-by-ecc",
    "issuing-rsa",
    "issuing-ecc-terminal",
];

/// Writes the PEM files; those of an earlier run are written again.
pub(super) fn write_certificates(
    authority: &Authority,
    demo: &Path,
    enrolled: &[Enrolled],
) -> Result<(), QuickstartError> {
    for name in CA_FILES {
        let der = ca_certificate(authority, name)?;
        replace(&demo.join(format!("{name}.pem")), pem(&der)?.as_bytes())?;
    }
    for one in enrolled {
        replace(
            &demo.join(format!("{}.pem", one.name)),
            pem(&one.issued.der)?.as_bytes(),
        )?;
    }
    Ok(())
}

/// The newest certificate of a CA or the newest cross-certificate of that name, DER.
pub(super) fn ca_certificate(
    authority: &Authority,
    name: &str,
) -> Result<Vec<u8>, QuickstartError> {
    let found = authority.certificates_of(&format!("ca/{name}"))?;
    for (key, _) in found.iter().rev() {
        if let Some(der) = authority.certificate(&key.issuer, &key.serial)?.der {
            return Ok(der);
        }
    }
    Err(QuickstartError::Missing {
        name: name.to_owned(),
    })
}

/// Writes beside, then renames, so that a reader never sees half a file.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<(), QuickstartError> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(beside, path)?;
    Ok(())
}

/// Writes a file that must not exist yet, with that mode.
pub(super) fn write_new(path: &Path, content: &[u8], mode: u32) -> Result<(), QuickstartError> {
    // A half-written one of an interrupted run is begun again under its temporary name.
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(beside, path)?;
    Ok(())
}

/// A certificate in PEM.
pub(super) fn pem(der: &[u8]) -> Result<String, QuickstartError> {
    der::pem::encode_string("CERTIFICATE", LineEnding::LF, der).map_err(|error| {
        QuickstartError::Pem {
            reason: error.to_string(),
        }
    })
}
