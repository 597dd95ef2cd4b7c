//! The key of an authority's feed, in DIR/feed.key.

use std::path::{Path, PathBuf};

use kasane_web::control::{ExitClass, Problem};
use kasane_web::feed::FeedKey;
use rcgen::{KeyPair, PKCS_ECDSA_P384_SHA384};
use zeroize::Zeroizing;

use crate::secret_file::{self, SecretFileError};

/// The key of the authority in `dir`; made when there is none. It proves to edges that they talk to this
/// authority's feed, and signs nothing else.
pub(crate) fn of(dir: &Path) -> Result<FeedKey, Problem> {
    let path = path(dir);
    if !path.exists() {
        let made = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384)
            .map_err(|error| Problem::new(ExitClass::Internal, "feed.key", error.to_string()))?;
        let text = Zeroizing::new(made.serialize_pem());
        match secret_file::write_new(&path, text.trim_end().as_bytes()) {
            // Another command was faster.
            Err(problem) if problem.class == ExitClass::Conflict => {}
            written => written?,
        }
    }
    let unusable = |reason: String| {
        let message = format!("{}: {reason}", path.display());
        Problem::new(ExitClass::Integrity, "feed.key", message)
    };
    let text = secret_file::read(&path).map_err(|error| match error {
        SecretFileError::Io { path, source } => {
            Problem::file("reading the feed's key", &path, &source)
        }
        other => unusable(other.to_string()),
    })?;
    let (_, der) = der::pem::decode_vec(&text).map_err(|error| unusable(error.to_string()))?;
    let der = Zeroizing::new(der);
    FeedKey::from_pkcs8(&der).map_err(|error| unusable(error.to_string()))
}

fn path(dir: &Path) -> PathBuf {
    dir.join("feed.key")
}
