//! The officers: who signs trust documents, and how many of them it takes.

use std::sync::Arc;

use der::Encode;

use super::identifier::check_text;
use super::wire::{self, VERSION, WireOfficer, WireOfficerSet, WireSuccession, check_version};
use super::{DomainId, Fingerprint, KeyId, TrustError};
use crate::crypto::{CryptoProvider, PublicKey};
use crate::{KeyAlgorithm, SignatureAlgorithm};

/// Most officers of a set.
pub const MAX_OFFICERS: usize = 32;

const MAX_NAME_BYTES: usize = 128;
const SET_CONTEXT: &[u8] = b"kasane officer set v1";

/// How an officer with such a key signs; `None` when officers may not have such keys. The only list
/// of them.
#[must_use]
pub const fn officer_signature(key: KeyAlgorithm) -> Option<SignatureAlgorithm> {
    match key {
        KeyAlgorithm::P384 => Some(SignatureAlgorithm::EcdsaSha384),
        KeyAlgorithm::P256 => Some(SignatureAlgorithm::EcdsaSha256),
        KeyAlgorithm::Ed25519 => Some(SignatureAlgorithm::Ed25519),
        KeyAlgorithm::P521 | KeyAlgorithm::Rsa { .. } => None,
    }
}

/// A person with a key.
#[derive(Clone, Debug)]
pub struct Officer {
    name: String,
    spki: Box<[u8]>,
    id: KeyId,
    key: Arc<dyn PublicKey>,
    signature: SignatureAlgorithm,
}

/// Distinct officers and how many of them must sign.
#[derive(Clone, Debug)]
pub struct OfficerSet {
    domain: DomainId,
    threshold: usize,
    /// Ascending by key.
    officers: Vec<Officer>,
    fingerprint: Fingerprint,
}

/// A set and the one that hands over to it. The first set has none before it.
#[derive(Clone, Debug)]
pub struct Succession {
    set: OfficerSet,
    previous: Option<OfficerSet>,
}

impl Officer {
    /// An officer of that name and key (DER of the SPKI).
    ///
    /// # Errors
    /// When the name does not fit, or the key is unusable or not of [`officer_signature`].
    pub fn new(
        name: impl Into<String>,
        spki: &[u8],
        crypto: &dyn CryptoProvider,
    ) -> Result<Self, TrustError> {
        let name = name.into();
        check_text("officer name", &name, MAX_NAME_BYTES)?;
        let key = crypto
            .public_key(spki)
            .map_err(|reason| TrustError::OfficerKey {
                name: name.clone(),
                reason,
            })?;
        let algorithm = key.algorithm();
        let Some(signature) = officer_signature(algorithm) else {
            return Err(TrustError::OfficerAlgorithm { name, algorithm });
        };
        Ok(Self {
            name,
            spki: spki.into(),
            id: KeyId::of(spki, crypto),
            key,
            signature,
        })
    }

    /// What people call them.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key (DER of the SPKI).
    #[must_use]
    pub const fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// SHA-256 of the key.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The key, parsed.
    #[must_use]
    pub fn key(&self) -> &dyn PublicKey {
        &*self.key
    }

    /// How they sign.
    #[must_use]
    pub const fn signature(&self) -> SignatureAlgorithm {
        self.signature
    }
}

impl OfficerSet {
    /// A set for that network. The order of the officers does not matter.
    ///
    /// # Errors
    /// When there are too many, a name or key stands twice, or the threshold is not 1 to all of them.
    pub fn new(
        domain: DomainId,
        threshold: usize,
        mut officers: Vec<Officer>,
        crypto: &dyn CryptoProvider,
    ) -> Result<Self, TrustError> {
        check_count(officers.len())?;
        officers.sort_by_key(Officer::id);
        let mut names: Vec<_> = officers.iter().map(Officer::name).collect();
        names.sort_unstable();
        let twice = officers
            .array_windows()
            .find(|[a, b]| a.id == b.id)
            .map(|[a, _]| a.name.as_str())
            .or_else(|| names.array_windows().find(|[a, b]| a == b).map(|[a, _]| *a));
        if let Some(name) = twice {
            return Err(TrustError::DuplicateOfficer {
                name: name.to_owned(),
            });
        }
        if threshold == 0 || threshold > officers.len() {
            return Err(TrustError::ThresholdOutOfRange {
                threshold,
                officers: officers.len(),
            });
        }
        let mut set = Self {
            domain,
            threshold,
            officers,
            fingerprint: Fingerprint::from_bytes([0; 32]),
        };
        let der = set.to_wire()?.to_der()?;
        set.fingerprint = Fingerprint::of(SET_CONTEXT, &der, crypto);
        Ok(set)
    }

    /// The network.
    #[must_use]
    pub const fn domain(&self) -> &DomainId {
        &self.domain
    }

    /// How many must sign.
    #[must_use]
    pub const fn threshold(&self) -> usize {
        self.threshold
    }

    /// The officers, ascending by key.
    #[must_use]
    pub fn officers(&self) -> &[Officer] {
        &self.officers
    }

    /// What letters print and systems pin: it covers network, threshold, names and keys.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The officer with that key.
    #[must_use]
    pub fn officer(&self, id: KeyId) -> Option<&Officer> {
        let index = self.officers.binary_search_by_key(&id, Officer::id).ok()?;
        self.officers.get(index)
    }

    fn to_wire(&self) -> Result<WireOfficerSet, TrustError> {
        let officer = |it: &Officer| -> Result<_, TrustError> {
            Ok(WireOfficer {
                name: it.name.clone(),
                key: wire::octets(&it.spki)?,
            })
        };
        Ok(WireOfficerSet {
            version: VERSION,
            domain: self.domain.as_str().to_owned(),
            // At most MAX_OFFICERS.
            threshold: u32::try_from(self.threshold).unwrap_or(u32::MAX),
            officers: self
                .officers
                .iter()
                .map(officer)
                .collect::<Result<_, _>>()?,
        })
    }

    fn from_wire(wire: WireOfficerSet, crypto: &dyn CryptoProvider) -> Result<Self, TrustError> {
        check_version(wire.version)?;
        // Before any key is parsed.
        check_count(wire.officers.len())?;
        let order: Vec<_> = wire
            .officers
            .iter()
            .map(|it| KeyId::of(it.key.as_bytes(), crypto))
            .collect();
        if !order.is_sorted() {
            return Err(TrustError::Field {
                field: "officers",
                why: "they are not in order",
            });
        }
        let officer = |it: WireOfficer| Officer::new(it.name, it.key.as_bytes(), crypto);
        let officers = wire
            .officers
            .into_iter()
            .map(officer)
            .collect::<Result<_, _>>()?;
        let threshold = usize::try_from(wire.threshold).unwrap_or(usize::MAX);
        Self::new(DomainId::new(wire.domain)?, threshold, officers, crypto)
    }
}

impl Succession {
    /// The first set of a network: it signs itself.
    #[must_use]
    pub const fn first(set: OfficerSet) -> Self {
        Self {
            set,
            previous: None,
        }
    }

    /// `set` takes over from `previous`; both sign.
    ///
    /// # Errors
    /// [`TrustError::OtherDomain`] when they are of different networks.
    pub fn rotation(previous: OfficerSet, set: OfficerSet) -> Result<Self, TrustError> {
        if previous.domain != set.domain {
            return Err(TrustError::OtherDomain {
                expected: previous.domain.to_string(),
                found: set.domain.to_string(),
            });
        }
        Ok(Self {
            set,
            previous: Some(previous),
        })
    }

    /// The set from now on.
    #[must_use]
    pub const fn set(&self) -> &OfficerSet {
        &self.set
    }

    /// The set until now.
    #[must_use]
    pub const fn previous(&self) -> Option<&OfficerSet> {
        self.previous.as_ref()
    }

    /// The set whose document it is: the previous one, or the first itself.
    #[must_use]
    pub const fn signing_set(&self) -> &OfficerSet {
        match &self.previous {
            Some(previous) => previous,
            None => &self.set,
        }
    }

    /// The content of a document.
    ///
    /// # Errors
    /// When something is too long for DER.
    pub fn to_der(&self) -> Result<Vec<u8>, TrustError> {
        let wire = WireSuccession {
            version: VERSION,
            set: self.set.to_wire()?,
            previous: self
                .previous
                .as_ref()
                .map(OfficerSet::to_wire)
                .transpose()?,
        };
        Ok(wire.to_der()?)
    }

    /// Reads the content of a document.
    ///
    /// # Errors
    /// As the constructors.
    pub fn from_der(der: &[u8], crypto: &dyn CryptoProvider) -> Result<Self, TrustError> {
        let wire: WireSuccession = wire::read(der)?;
        check_version(wire.version)?;
        let set = OfficerSet::from_wire(wire.set, crypto)?;
        match wire.previous {
            None => Ok(Self::first(set)),
            Some(previous) => Self::rotation(OfficerSet::from_wire(previous, crypto)?, set),
        }
    }
}

const fn check_count(count: usize) -> Result<(), TrustError> {
    if count > MAX_OFFICERS {
        Err(TrustError::TooMany {
            what: "officers",
            count,
            limit: MAX_OFFICERS,
        })
    } else {
        Ok(())
    }
}
