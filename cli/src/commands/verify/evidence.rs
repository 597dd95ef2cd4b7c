//! Files of CRLs and OCSP responses.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kasane_verify::crl::{IndexedCrl, MAX_CRL_BYTES};
use kasane_verify::ocsp::MAX_RESPONSE_BYTES;
use kasane_verify::pem;
use kasane_verify::revocation::Evidence;
use kasane_web::control::{ExitClass, Problem};

use crate::commands::files::read_limited;

/// Most pieces of evidence that a question takes; a whole network has some dozens of CRLs.
const MAX_PIECES: usize = 256;

/// Most entries of a folder that are looked at.
const MAX_ENTRIES: usize = 10_000;

/// In PEM everything is a third longer.
const fn in_pem(length_bytes: usize) -> usize {
    length_bytes / 2 * 3
}

/// What the files hold, each piece read once, so that the file of a bad one can be named.
pub(super) struct Files {
    crls: Vec<Arc<IndexedCrl>>,
    responses: Vec<(Vec<u8>, Evidence)>,
}

impl Files {
    pub(super) fn read(crls: &[PathBuf], responses: &[PathBuf]) -> Result<Self, Problem> {
        let mut found = Self {
            crls: Vec::new(),
            responses: Vec::new(),
        };
        for path in crls {
            if path.is_dir() {
                for file in of_folder(path)? {
                    found.read_crls(&file)?;
                }
            } else {
                found.read_crls(path)?;
            }
        }
        for path in responses {
            found.read_response(path)?;
        }
        Ok(found)
    }

    /// In DER.
    pub(super) fn crls(&self) -> impl Iterator<Item = &[u8]> {
        self.crls.iter().map(|it| it.list().der())
    }

    /// In DER.
    pub(super) fn ocsp(&self) -> impl Iterator<Item = &[u8]> {
        self.responses.iter().map(|(der, _)| der.as_slice())
    }

    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let crls = self.crls.iter().map(|it| Evidence::Crl(Arc::clone(it)));
        let responses = self.responses.iter().map(|(_, it)| it.clone());
        crls.chain(responses).collect()
    }

    fn read_crls(&mut self, path: &Path) -> Result<(), Problem> {
        let bytes = read_limited(path, in_pem(MAX_CRL_BYTES))?;
        let ders = if pem::is_der(&bytes) {
            vec![bytes]
        } else {
            pem::crls(&bytes).map_err(|it| refused(path, it.code(), it))?
        };
        for der in ders {
            let crl = IndexedCrl::from_der(der).map_err(|it| refused(path, it.code(), it))?;
            self.crls.push(Arc::new(crl));
            self.check_count()?;
        }
        Ok(())
    }

    fn read_response(&mut self, path: &Path) -> Result<(), Problem> {
        let bytes = read_limited(path, in_pem(MAX_RESPONSE_BYTES))?;
        let ders = if pem::is_der(&bytes) {
            vec![bytes]
        } else {
            pem::blocks(&bytes, "OCSP RESPONSE").map_err(|it| refused(path, it.code(), it))?
        };
        for der in ders {
            let evidence = Evidence::ocsp(&der).map_err(|it| refused(path, it.code(), it))?;
            self.responses.push((der, evidence));
            self.check_count()?;
        }
        Ok(())
    }

    fn check_count(&self) -> Result<(), Problem> {
        if self.crls.len() + self.responses.len() > MAX_PIECES {
            return Err(Problem::argument(format!(
                "evidence is refused: more than {MAX_PIECES} CRLs and OCSP responses; give those \
                 of the chain's issuers"
            )));
        }
        Ok(())
    }
}

/// The files that may be CRLs, by name.
fn of_folder(path: &Path) -> Result<Vec<PathBuf>, Problem> {
    let failed = |error: std::io::Error| Problem::file("reading", path, &error);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)?.take(MAX_ENTRIES) {
        let file = entry.map_err(failed)?.path();
        let known = file
            .extension()
            .is_some_and(|it| it == "crl" || it == "der" || it == "pem");
        if known && file.is_file() {
            found.push(file);
        }
    }
    if found.is_empty() {
        let message = format!(
            "{}: holds no .crl, .der or .pem file; give the CRLs one by one",
            path.display()
        );
        return Err(Problem::new(ExitClass::NotFound, "file.none", message));
    }
    found.sort();
    Ok(found)
}

fn refused(path: &Path, code: &str, error: impl std::fmt::Display) -> Problem {
    let message = format!("{}: {error}", path.display());
    Problem::new(ExitClass::Refused, code, message)
}
