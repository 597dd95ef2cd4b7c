//! Last good CRLs outlive a restart.
//!
//! A file holds a line of JSON and the CRL. Its name is the digest of the address. What is read back
//! is no more trusted than what comes from the network: the verifier checks signatures and dates.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kasane_verify::UnixTime;
use kasane_verify::crl::IndexedCrl;
use kasane_verify::crypto::{CryptoProvider, DigestAlgorithm};
use kasane_verify::revocation::Evidence;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::cache::{Cache, Kept, Key};
use crate::config::{ConfigError, FetchConfig};
use crate::flight::keep_crl;
use crate::http::Validators;
use crate::target::Target;

/// Longest first line.
const MAX_HEADER_BYTES: usize = 8 * 1024;

/// Most files that are looked at.
const MAX_FILES: usize = 65_536;

const FORMAT: &str = "kasane-verify-fetch 1";

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: String,
    uri: String,
    /// SHA-256 of the CRL.
    sha256: String,
    #[serde(flatten)]
    validators: Validators,
}

/// The folder.
#[derive(Debug)]
pub(crate) struct Disk {
    folder: PathBuf,
    /// One writer at a time, so that the newest is what stays.
    writing: Mutex<()>,
}

impl Disk {
    pub(crate) fn open(folder: &Path) -> Result<Self, ConfigError> {
        fs::create_dir_all(folder).map_err(|error| ConfigError::Folder {
            folder: folder.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            writing: Mutex::new(()),
        })
    }

    /// Writes what `newest` gives; a failure is logged and costs the next restart its start.
    pub(crate) fn save(
        &self,
        uri: &str,
        newest: impl FnOnce() -> Option<Kept>,
        crypto: &dyn CryptoProvider,
    ) {
        let _writing = self.writing.lock();
        let Some(kept) = newest() else { return };
        let Evidence::Crl(crl) = &kept.evidence else {
            return;
        };
        let der = crl.list().der();
        let header = Header {
            format: FORMAT.to_owned(),
            uri: uri.to_owned(),
            sha256: digest(crypto, der),
            validators: kept.validators.clone(),
        };
        if let Err(error) = self.write(&header, der, crypto) {
            tracing::warn!(uri, %error, "CRL not written to its folder");
        }
    }

    pub(crate) fn remove(
        &self,
        uri: &str,
        is_back: impl FnOnce() -> bool,
        crypto: &dyn CryptoProvider,
    ) {
        let _writing = self.writing.lock();
        if !is_back() {
            let _ = fs::remove_file(self.path(uri, crypto));
        }
    }

    /// Puts what is within its time into the cache, as far as there is room.
    pub(crate) fn restore(
        &self,
        cache: &Arc<Cache>,
        config: &FetchConfig,
        crypto: &dyn CryptoProvider,
        now: UnixTime,
    ) -> io::Result<()> {
        for file in fs::read_dir(&self.folder)?.take(MAX_FILES) {
            let path = file?.path();
            let extension = path.extension().and_then(|it| it.to_str());
            match extension {
                Some("crl") => {}
                Some("new") => {
                    // A write that a crash cut short.
                    let _ = fs::remove_file(&path);
                    continue;
                }
                _ => continue,
            }
            match self.read(&path, config, crypto) {
                Ok((_, kept)) if kept.next_update.is_none_or(|next| next < now) => {
                    let _ = fs::remove_file(&path);
                }
                Ok((key, kept)) => {
                    if let Err(error) = cache.restore(&key, kept, now) {
                        tracing::warn!(uri = key.uri(), %error, "CRL left in its folder");
                    }
                }
                Err(reason) => {
                    tracing::warn!(path = %path.display(), reason, "file of a CRL ignored");
                }
            }
        }
        Ok(())
    }

    fn read(
        &self,
        path: &Path,
        config: &FetchConfig,
        crypto: &dyn CryptoProvider,
    ) -> Result<(Key, Kept), &'static str> {
        let unreadable = |_: io::Error| "it cannot be read";
        let length = fs::metadata(path).map_err(unreadable)?.len();
        let most = config.crl_bytes.saturating_add(MAX_HEADER_BYTES);
        if usize::try_from(length).map_or(true, |length| length > most) {
            return Err("it is too long");
        }
        let octets = fs::read(path).map_err(unreadable)?;
        let end = octets
            .iter()
            .take(MAX_HEADER_BYTES)
            .position(|octet| *octet == b'\n')
            .ok_or("it has no first line")?;
        let (line, rest) = octets.split_at(end);
        let der = rest.get(1..).unwrap_or_default();
        let header: Header =
            serde_json::from_slice(line).map_err(|_| "its first line cannot be read")?;
        if header.format != FORMAT {
            return Err("it has another format");
        }
        if path != self.path(&header.uri, crypto) || header.sha256 != digest(crypto, der) {
            return Err("it is damaged");
        }
        if Target::parse(&header.uri, config).is_err() {
            return Err("its address is not allowed any more");
        }
        let crl = IndexedCrl::from_der(der).map_err(|_| "its CRL cannot be read")?;
        let mut kept = keep_crl(crl);
        kept.validators = header.validators;
        Ok((Key::Crl(header.uri.into()), kept))
    }

    fn write(&self, header: &Header, der: &[u8], crypto: &dyn CryptoProvider) -> io::Result<()> {
        let path = self.path(&header.uri, crypto);
        let new = path.with_extension("new");
        let mut file = fs::File::create(&new)?;
        file.write_all(&serde_json::to_vec(header)?)?;
        file.write_all(b"\n")?;
        file.write_all(der)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&new, &path)?;
        fs::File::open(&self.folder)?.sync_all()
    }

    fn path(&self, uri: &str, crypto: &dyn CryptoProvider) -> PathBuf {
        let name = digest(crypto, uri.as_bytes());
        self.folder.join(name).with_extension("crl")
    }
}

fn digest(crypto: &dyn CryptoProvider, octets: &[u8]) -> String {
    hex::encode(crypto.digest(DigestAlgorithm::Sha256, octets))
}
