//! The signed envelope.

use der::Encode;
use der::pem::LineEnding;

use super::identifier::separated;
use super::wire::{self, VERSION, WireDocument, WireSignature, WireStatement, check_version};
use super::{Content, DomainId, Fingerprint, KeyId, Kind, MAX_OFFICERS, OfficerSet, Quorum};
use super::{TrustError, officer_signature, quorum};
use crate::crypto::CryptoProvider;
use crate::time::DAY_SECONDS;
use crate::{SignatureAlgorithm, UnixTime, pem};

/// Largest document, in octets of DER: 64 anchors of 16 KiB.
pub const MAX_DOCUMENT_BYTES: usize = 1024 * 1024;

/// The label of the text form.
pub const PEM_LABEL: &str = "KASANE TRUST DOCUMENT";

/// An old set and a new one, all of them.
const MAX_SIGNATURES: usize = 2 * MAX_OFFICERS;

/// The longest, ECDSA on P-384, has 104.
const MAX_SIGNATURE_BYTES: usize = 128;

const STATEMENT_CONTEXT: &[u8] = b"kasane trust statement v1";

/// What a document says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// What it is about.
    pub kind: Kind,
    /// The network it is for.
    pub domain: DomainId,
    /// Grows with each document of its kind, from 1.
    pub number: u64,
    /// When it was made.
    pub issued_at: UnixTime,
    /// The last second at which it is accepted.
    pub expires_at: UnixTime,
    /// The officer set that signs it.
    pub officer_set: Fingerprint,
}

/// One officer's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficerSignature {
    /// Whose key.
    pub officer: KeyId,
    /// How it was made.
    pub algorithm: SignatureAlgorithm,
    /// ECDSA as DER (RFC 3279 §2.2.3), Ed25519 as it is.
    pub value: Vec<u8>,
}

/// A trust document as it is sent: well-formed, but neither its content nor its signatures are
/// checked. That is what [`TrustStore::accept`](super::TrustStore::accept) does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustDocument {
    statement: Vec<u8>,
    header: Header,
    content: Vec<u8>,
    /// Ascending by officer, each once.
    signatures: Vec<OfficerSignature>,
}

impl Header {
    fn check(&self) -> Result<(), TrustError> {
        if self.number == 0 {
            return Err(TrustError::Field {
                field: "number",
                why: "numbers begin with 1",
            });
        }
        let life_seconds = self.expires_at.seconds_since(self.issued_at);
        let most_seconds = self.kind.max_lifetime_days() * DAY_SECONDS;
        if (1..=most_seconds).contains(&life_seconds) {
            Ok(())
        } else {
            Err(TrustError::Lifetime {
                kind: self.kind,
                issued_at: self.issued_at,
                expires_at: self.expires_at,
            })
        }
    }
}

impl TrustDocument {
    /// An unsigned document. The content is read as a relying system would read it.
    ///
    /// # Errors
    /// When header or content would be refused by everyone.
    pub fn prepare(
        header: Header,
        content: Vec<u8>,
        crypto: &dyn CryptoProvider,
    ) -> Result<Self, TrustError> {
        header.check()?;
        let wire = WireStatement {
            version: VERSION,
            kind: header.kind.number(),
            domain: header.domain.as_str().to_owned(),
            number: header.number,
            issued_at: header.issued_at,
            expires_at: header.expires_at,
            officer_set: wire::octets(header.officer_set.as_bytes())?,
            content: wire::octets(&content)?,
        };
        let statement = wire.to_der()?;
        let document = Self {
            statement,
            header,
            content,
            signatures: Vec::new(),
        };
        check_length(document.to_der()?.len())?;
        document.content(crypto)?;
        Ok(document)
    }

    /// Reads one document in DER.
    ///
    /// # Errors
    /// When it is too long, malformed, of another version or kind, or its signatures are out of order.
    pub fn from_der(der: &[u8]) -> Result<Self, TrustError> {
        check_length(der.len())?;
        let wire: WireDocument = wire::read(der)?;
        check_version(wire.version)?;
        let signatures = signatures(wire.signatures)?;
        let statement: WireStatement = wire::read(wire.statement.as_bytes())?;
        check_version(statement.version)?;
        let header = Header {
            kind: Kind::from_number(statement.kind)?,
            domain: DomainId::new(statement.domain)?,
            number: statement.number,
            issued_at: statement.issued_at,
            expires_at: statement.expires_at,
            officer_set: Fingerprint::from_bytes(wire::digest(&statement.officer_set)?),
        };
        header.check()?;
        Ok(Self {
            statement: wire.statement.into_bytes().into_vec(),
            header,
            content: statement.content.into_bytes().into_vec(),
            signatures,
        })
    }

    /// Reads what a file may hold: one document in DER, or any number in PEM.
    ///
    /// # Errors
    /// As [`TrustDocument::from_der`], and when there is no document.
    pub fn read(bytes: &[u8]) -> Result<Vec<Self>, TrustError> {
        if pem::is_der(bytes) {
            return Ok(vec![Self::from_der(bytes)?]);
        }
        let blocks = pem::blocks(bytes, PEM_LABEL)?;
        blocks.iter().map(|der| Self::from_der(der)).collect()
    }

    /// The DER.
    ///
    /// # Errors
    /// When something is too long for DER.
    pub fn to_der(&self) -> Result<Vec<u8>, TrustError> {
        let signature = |it: &OfficerSignature| -> Result<_, TrustError> {
            Ok(WireSignature {
                officer: wire::octets(it.officer.as_bytes())?,
                algorithm: it.algorithm.oid(),
                value: wire::octets(&it.value)?,
            })
        };
        let wire = WireDocument {
            version: VERSION,
            statement: wire::octets(&self.statement)?,
            signatures: self
                .signatures
                .iter()
                .map(signature)
                .collect::<Result<_, _>>()?,
        };
        Ok(wire.to_der()?)
    }

    /// The text form.
    ///
    /// # Errors
    /// When something is too long for DER.
    pub fn to_pem(&self) -> Result<String, TrustError> {
        let der = self.to_der()?;
        der::pem::encode_string(PEM_LABEL, LineEnding::LF, &der)
            .map_err(|reason| TrustError::Malformed(reason.into()))
    }

    /// What it says of itself.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The signatures, ascending by officer.
    #[must_use]
    pub fn signatures(&self) -> &[OfficerSignature] {
        &self.signatures
    }

    /// The octets of the content.
    #[must_use]
    pub fn content_bytes(&self) -> &[u8] {
        &self.content
    }

    /// The content, read and validated; whether anyone vouches for it is another question.
    ///
    /// # Errors
    /// When a relying system could not work with it.
    pub fn content(&self, crypto: &dyn CryptoProvider) -> Result<Content, TrustError> {
        let content = Content::read(self.header.kind, &self.content, crypto)?;
        match &content {
            Content::Officers(it) => {
                self.check_domain(it.set().domain())?;
                self.check_signer(it.signing_set())?;
            }
            Content::Emergency(it) => {
                if it.until() > self.header.expires_at {
                    return Err(TrustError::EmergencyOutlivesDocument {
                        until: it.until(),
                        expires_at: self.header.expires_at,
                    });
                }
            }
            Content::Policy(_) | Content::Anchors(_) => {}
        }
        Ok(content)
    }

    /// What each officer signs.
    #[must_use]
    pub fn to_be_signed(&self) -> Vec<u8> {
        separated(STATEMENT_CONTEXT, &self.statement)
    }

    /// The digest of what is signed: what officers compare before they sign. Signatures do not change
    /// it.
    #[must_use]
    pub fn fingerprint(&self, crypto: &dyn CryptoProvider) -> Fingerprint {
        Fingerprint::of(STATEMENT_CONTEXT, &self.statement, crypto)
    }

    /// Adds a signature over [`TrustDocument::to_be_signed`] by the key `spki` (DER), if it is good.
    ///
    /// # Errors
    /// When officers have no such keys, this one has signed already, or the signature does not verify.
    pub fn add_signature(
        &mut self,
        spki: &[u8],
        value: Vec<u8>,
        crypto: &dyn CryptoProvider,
    ) -> Result<KeyId, TrustError> {
        let id = KeyId::of(spki, crypto);
        let name = || id.to_string();
        let key = crypto
            .public_key(spki)
            .map_err(|reason| TrustError::OfficerKey {
                name: name(),
                reason,
            })?;
        let algorithm =
            officer_signature(key.algorithm()).ok_or_else(|| TrustError::OfficerAlgorithm {
                name: name(),
                algorithm: key.algorithm(),
            })?;
        let Err(place) = self.signatures.binary_search_by_key(&id, |it| it.officer) else {
            return Err(TrustError::AlreadySigned { officer: id });
        };
        check_signature_count(self.signatures.len() + 1)?;
        key.verify(algorithm, &self.to_be_signed(), &value)
            .map_err(|reason| TrustError::BadSignature {
                name: name(),
                reason,
            })?;
        self.signatures.insert(
            place,
            OfficerSignature {
                officer: id,
                algorithm,
                value,
            },
        );
        Ok(id)
    }

    /// How far it is signed on behalf of `set`. For a succession ask for both sets at once.
    ///
    /// # Errors
    /// For a signature by a stranger, of the wrong algorithm, or that does not verify.
    pub fn quorum<const N: usize>(
        &self,
        sets: [&OfficerSet; N],
    ) -> Result<[Quorum; N], TrustError> {
        quorum::count(self, sets)
    }

    pub(super) fn check_domain(&self, expected: &DomainId) -> Result<(), TrustError> {
        if self.header.domain == *expected {
            Ok(())
        } else {
            Err(TrustError::OtherDomain {
                expected: expected.to_string(),
                found: self.header.domain.to_string(),
            })
        }
    }

    pub(super) fn check_signer(&self, expected: &OfficerSet) -> Result<(), TrustError> {
        if self.header.officer_set == expected.fingerprint() {
            Ok(())
        } else {
            Err(TrustError::UnknownOfficerSet {
                expected: expected.fingerprint(),
                found: self.header.officer_set,
            })
        }
    }
}

fn signatures(wire: Vec<WireSignature>) -> Result<Vec<OfficerSignature>, TrustError> {
    check_signature_count(wire.len())?;
    let signature = |it: WireSignature| {
        let officer = KeyId::from_bytes(wire::digest(&it.officer)?);
        let algorithm = SignatureAlgorithm::from_oid(it.algorithm).ok_or(
            TrustError::UnknownSignatureAlgorithm {
                found: it.algorithm,
            },
        )?;
        if it.value.as_bytes().len() > MAX_SIGNATURE_BYTES {
            return Err(TrustError::Field {
                field: "signature",
                why: "it is longer than any that officers make",
            });
        }
        Ok(OfficerSignature {
            officer,
            algorithm,
            value: it.value.into_bytes().into_vec(),
        })
    };
    let signatures = wire
        .into_iter()
        .map(signature)
        .collect::<Result<Vec<_>, _>>()?;
    if signatures
        .array_windows()
        .all(|[a, b]| a.officer < b.officer)
    {
        Ok(signatures)
    } else {
        Err(TrustError::SignatureOrder)
    }
}

const fn check_signature_count(count: usize) -> Result<(), TrustError> {
    if count > MAX_SIGNATURES {
        Err(TrustError::TooMany {
            what: "signatures",
            count,
            limit: MAX_SIGNATURES,
        })
    } else {
        Ok(())
    }
}

const fn check_length(length_bytes: usize) -> Result<(), TrustError> {
    if length_bytes > MAX_DOCUMENT_BYTES {
        Err(TrustError::TooLong { length_bytes })
    } else {
        Ok(())
    }
}
