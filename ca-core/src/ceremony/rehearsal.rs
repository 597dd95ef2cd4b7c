//! A ceremony in a scratch folder, with the production code: nothing of the authority is touched.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use kasane_hsm::{
    Attestation, BackendKind, DeviceName, InMemoryBackend, KeyBackend, KeyInfo, KeyLabel, KeyRole,
    SignRequest, Signature, SigningKey,
};
use kasane_verify::crypto::{CryptoError, CryptoProvider, Digest, DigestAlgorithm, PublicKey};
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm, UnixTime};
use sha2::{Digest as _, Sha256};

use super::{Artefact, Plan, Planned};
use crate::Error;
use crate::authority::{Authority, Documents, Parts};
use crate::configuration::AuthorityConfig;
use crate::folder::{DataFolder, FolderError};

/// A rehearsal under way.
pub struct Rehearsal {
    /// The authority of the scratch folder. Steps are run on it as on a real one.
    pub authority: Arc<Authority>,
    /// The scratch folder.
    pub folder: DataFolder,
    backend: Arc<RehearsalBackend>,
    planned: Arc<Planned>,
}

impl Rehearsal {
    /// Begins one in the empty folder `scratch`. The ledger of `real` is copied, if there is one;
    /// keys that exist in `parts` lend their public halves and are asked for no signature.
    ///
    /// # Errors
    /// Those of beginning and starting an authority.
    pub fn begin(
        scratch: &Path,
        real: Option<&Path>,
        parts: &Parts,
        config: &AuthorityConfig,
        documents: &Documents<'_>,
        instant: UnixTime,
        seed: [u8; 32],
    ) -> Result<Self, Error> {
        let backend = Arc::new(RehearsalBackend {
            real: Arc::clone(&parts.backend),
            made: InMemoryBackend::new(),
        });
        if let Some(real) = real {
            copy(&real.join("ledger"), &scratch.join("ledger"))?;
            let head = real.join("ledger.head");
            fs::copy(&head, scratch.join("ledger.head")).map_err(failed(&head))?;
        }
        let parts = Parts {
            backend: Arc::clone(&backend) as Arc<dyn KeyBackend>,
            crypto: Arc::new(RehearsalCrypto(Arc::clone(&parts.crypto))),
            ..parts.clone()
        };
        let folder = DataFolder::open_or_create(scratch)?;
        Authority::begin(&folder, &parts, config, documents)?;
        let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {})?;
        let planned = Arc::new(Planned::rehearsal(instant, seed));
        authority.follow(Some(Arc::clone(&planned)));
        Ok(Self {
            authority,
            folder,
            backend,
            planned,
        })
    }

    /// What was produced so far, in order; those with a thrown-away key say so.
    ///
    /// # Errors
    /// [`Error::Signing`] when the keys cannot be listed.
    pub fn artefacts(&self) -> Result<Vec<Artefact>, Error> {
        let made = self
            .backend
            .made
            .keys()
            .map_err(crate::signing::SigningError::from)?;
        let mut artefacts = self.planned.artefacts();
        for artefact in &mut artefacts {
            artefact.provisional = made.iter().any(|key| {
                key.label.as_str() == artefact.signer || contains(&artefact.der, &key.spki)
            });
        }
        Ok(artefacts)
    }

    /// The labels of the keys that were made for the rehearsal.
    ///
    /// # Errors
    /// [`Error::Signing`] when the keys cannot be listed.
    pub fn throw_away_keys(&self) -> Result<Vec<String>, Error> {
        let made = self
            .backend
            .made
            .keys()
            .map_err(crate::signing::SigningError::from)?;
        Ok(made.into_iter().map(|key| key.label.to_string()).collect())
    }

    /// The plan of what was produced.
    ///
    /// # Errors
    /// As [`Self::artefacts`].
    pub fn plan(&self, script: &str) -> Result<Plan, Error> {
        let origin = &self.authority.configuration().config().origin;
        Ok(self.planned.to_plan(origin, script, &self.artefacts()?))
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn copy(from: &Path, to: &Path) -> Result<(), FolderError> {
    fs::create_dir_all(to).map_err(failed(to))?;
    for entry in fs::read_dir(from).map_err(failed(from))? {
        let entry = entry.map_err(failed(from))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(failed(&path))?;
        }
    }
    Ok(())
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> FolderError {
    let path = path.to_owned();
    |source| FolderError::Io {
        path,
        operation: "copying the ledger for a rehearsal",
        source,
    }
}

/// Real public keys where there are such keys, thrown-away ones where not.
#[derive(Debug)]
struct RehearsalBackend {
    real: Arc<dyn KeyBackend>,
    made: InMemoryBackend,
}

impl KeyBackend for RehearsalBackend {
    /// As the real one, so that what refuses software keys refuses them in the rehearsal as well.
    fn kind(&self) -> BackendKind {
        self.real.kind()
    }

    fn describe(&self) -> String {
        format!("a rehearsal beside {}", self.real.describe())
    }

    fn generate(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, kasane_hsm::Error> {
        self.made.generate(label, role, algorithm)
    }

    fn keys(&self) -> Result<Vec<KeyInfo>, kasane_hsm::Error> {
        let mut keys = self.real.keys()?;
        keys.extend(self.made.keys()?);
        keys.sort_by(|a, b| a.label.cmp(&b.label));
        Ok(keys)
    }

    fn open(
        &self,
        label: &KeyLabel,
        role: KeyRole,
    ) -> Result<Arc<dyn SigningKey>, kasane_hsm::Error> {
        match self.real.open(label, role) {
            Ok(key) => Ok(Arc::new(Unsigning(key.info().clone()))),
            Err(kasane_hsm::Error::KeyNotFound { .. }) => self.made.open(label, role),
            Err(error) => Err(error),
        }
    }

    /// Attestations are in no artefact, and a device makes them with a signature.
    fn attestation(&self, _: &KeyLabel) -> Result<Option<Attestation>, kasane_hsm::Error> {
        Ok(None)
    }
}

/// A key that says what it is and signs nothing: what it gives is worthless outside a rehearsal.
#[derive(Debug)]
struct Unsigning(KeyInfo);

impl SigningKey for Unsigning {
    fn info(&self) -> &KeyInfo {
        &self.0
    }

    fn sign(&self, request: &SignRequest<'_>) -> Result<Signature, kasane_hsm::Error> {
        Ok(Signature {
            octets: stand_in(&self.0.spki, request.message),
            device: DeviceName::new("rehearsal")?,
        })
    }
}

/// 64 octets, as many as an Ed25519 signature has.
fn stand_in(spki: &[u8], message: &[u8]) -> Vec<u8> {
    let mut digest = Sha256::new();
    digest.update(b"rehearsal, no signature");
    digest.update(Sha256::digest(spki));
    digest.update(message);
    let digest = digest.finalize();
    [digest, digest].concat()
}

/// Believes stand-ins, beside everything that is true.
#[derive(Debug)]
struct RehearsalCrypto(Arc<dyn CryptoProvider>);

impl CryptoProvider for RehearsalCrypto {
    fn public_key(&self, spki: &[u8]) -> Result<Arc<dyn PublicKey>, CryptoError> {
        Ok(Arc::new(RehearsalKey {
            spki: spki.to_vec(),
            real: self.0.public_key(spki)?,
        }))
    }

    fn digest(&self, algorithm: DigestAlgorithm, data: &[u8]) -> Digest {
        self.0.digest(algorithm, data)
    }
}

#[derive(Debug)]
struct RehearsalKey {
    spki: Vec<u8>,
    real: Arc<dyn PublicKey>,
}

impl PublicKey for RehearsalKey {
    fn algorithm(&self) -> KeyAlgorithm {
        self.real.algorithm()
    }

    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        if signature == stand_in(&self.spki, message) {
            return Ok(());
        }
        self.real.verify(algorithm, message, signature)
    }
}
