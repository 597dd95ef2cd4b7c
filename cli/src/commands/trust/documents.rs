//! Files of trust documents, and how they are replaced.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use kasane_verify::crypto::AwsLc;
use kasane_verify::pem;
use kasane_verify::trust::{Content, MAX_DOCUMENT_BYTES, Succession, TrustDocument, TrustError};
use kasane_web::control::Problem;
use serde_json::{Value, json};

use super::refused;
use crate::answer::Answer;
use crate::commands::files::{self, NewFile};
use crate::output::trust::{Signers, described};

/// Several documents in text, each a third longer than its DER.
const MAX_FILE_BYTES: usize = 8 * MAX_DOCUMENT_BYTES;

/// Largest file of public keys or anchors.
pub(super) const MAX_INPUT_BYTES: usize = MAX_DOCUMENT_BYTES;

/// Rights of what everybody may read, and of what is the owner's.
pub(super) const PUBLIC: u32 = 0o644;
pub(super) const OWN: u32 = 0o600;

/// Every document of a file.
pub(super) fn read_all(path: &Path) -> Result<Vec<TrustDocument>, Problem> {
    let bytes = files::read_limited(path, MAX_FILE_BYTES)?;
    TrustDocument::read(&bytes).map_err(refused)
}

/// The one document of a file.
pub(super) fn read_one(path: &Path) -> Result<TrustDocument, Problem> {
    let mut documents = read_all(path)?;
    match (documents.pop(), documents.is_empty()) {
        (Some(document), true) => Ok(document),
        _ => Err(Problem::argument(format!(
            "{}: one document is asked for, the file holds several",
            path.display()
        ))),
    }
}

/// The officers that the newest officers document of a file names.
pub(super) fn read_officers(path: &Path) -> Result<(TrustDocument, Succession), Problem> {
    let mut documents = read_all(path)?;
    documents.sort_by_key(|it| it.header().number);
    let document = documents
        .pop()
        .ok_or_else(|| Problem::argument("the file is empty"))?;
    match document.content(&AwsLc).map_err(refused)? {
        Content::Officers(it) => Ok((document, it)),
        _ => Err(refused(TrustError::OtherKind {
            expected: kasane_verify::trust::Kind::Officers,
            found: document.header().kind,
        })),
    }
}

/// The one public key (PEM `PUBLIC KEY`, RFC 7468 §13) of a file, in DER.
pub(super) fn read_public_key(path: &Path) -> Result<Vec<u8>, Problem> {
    let text = files::read_limited(path, MAX_INPUT_BYTES)?;
    let mut keys =
        pem::blocks(&text, "PUBLIC KEY").map_err(|error| refused(TrustError::Pem(error)))?;
    match (keys.pop(), keys.is_empty()) {
        (Some(key), true) => Ok(key),
        _ => Err(Problem::argument(format!(
            "{}: holds several keys",
            path.display()
        ))),
    }
}

/// A summary with as many names as can be known: a succession names its own officers, of other
/// documents `officers` says them.
pub(super) fn describe(
    document: &TrustDocument,
    officers: Option<&Succession>,
) -> Result<(String, Value), Problem> {
    let own = match document.content(&AwsLc).map_err(refused)? {
        Content::Officers(it) => Some(it),
        _ => None,
    };
    let signers = match (&own, officers) {
        (Some(it), _) => {
            let quorums = document
                .quorum([it.signing_set(), it.set()])
                .map_err(refused)?;
            let quorums = match it.previous() {
                Some(_) => quorums.to_vec(),
                None => quorums[..1].to_vec(),
            };
            Some(Signers {
                sets: vec![it.signing_set(), it.set()],
                quorums,
            })
        }
        (None, Some(it)) => {
            let (expected, found) = (it.set().fingerprint(), document.header().officer_set);
            if found != expected {
                return Err(refused(TrustError::UnknownOfficerSet { expected, found }));
            }
            let quorums = document.quorum([it.set()]).map_err(refused)?.to_vec();
            Some(Signers {
                sets: vec![it.set()],
                quorums,
            })
        }
        (None, None) => None,
    };
    described(document, signers.as_ref(), &AwsLc).map_err(refused)
}

/// A document that was made: to a new file, or to standard output.
pub(super) fn deliver(document: &TrustDocument, out: Option<&Path>) -> Result<Answer, Problem> {
    let pem = document.to_pem().map_err(refused)?;
    let (summary, mut json) = describe(document, None)?;
    json["document"] = json!(pem);
    let (text, notes) = match out {
        Some(path) => {
            NewFile::create(path)?.fill(pem.as_bytes())?;
            (summary, format!("written: {}\n", path.display()))
        }
        None => (pem, summary),
    };
    Ok(Answer {
        json,
        text,
        notes,
        refusal: None,
    })
}

/// The file that a name stands for: what is replaced is the file, not a link to it. A file that is
/// not there yet keeps its name.
pub(super) fn behind_links(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Waits until no other process signs the document in its place: what that one adds is then read.
pub(super) fn lock_document(path: &Path) -> Result<File, Problem> {
    let lock = || -> std::io::Result<File> {
        loop {
            let file = File::open(path)?;
            file.lock()?;
            // Who had the lock before has replaced the file, and the lock is on the old one.
            let (held, named) = (file.metadata()?, fs::metadata(path)?);
            if (held.dev(), held.ino()) == (named.dev(), named.ino()) {
                return Ok(file);
            }
        }
    };
    lock().map_err(|error| Problem::file("locking", path, &error))
}

/// Replaces a file as a whole: whoever reads sees the old content or the new one, after a power cut
/// too. Links to it stay links.
pub(super) fn replace(path: &Path, content: &[u8], mode: u32) -> Result<(), Problem> {
    let path = &behind_links(path);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(content)?;
        file.as_file()
            .set_permissions(Permissions::from_mode(mode))?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(|error| Problem::file("writing", path, &error))
}
