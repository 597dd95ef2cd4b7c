//! The outcome is durable before anybody hears of it.

use bytes::Bytes;
use der::asn1::{AnyRef, BitStringRef, OctetString};
use der::{Encode, Sequence};
use kasane_ledger::Ledger;
use kasane_ledger_schema::{CertificateIssued, CertificationRequestSigned, CrlIssued};
use kasane_verify::signature::algorithm_identifier;
use kasane_verify::{SignatureAlgorithm, UnixTime};
use spki::AlgorithmIdentifierRef;

use super::{CertificateTbs, CrlTbs, RequestTbs};
use crate::signing::Signed;
use crate::{Actor, Error, journal};

/// A certificate whose outcome is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The issuer's name.
    pub issuer: String,
    /// The serial number, big-endian without padding.
    pub serial: Vec<u8>,
    /// The profile's name.
    pub profile: String,
    /// Whom it names.
    pub subject: String,
    /// notAfter.
    pub not_after: UnixTime,
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// Ledger index of the record.
    pub record: u64,
    /// Ledger index of the outcome.
    pub outcome: u64,
}

/// A CRL whose outcome is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedCrl {
    /// The issuer's name.
    pub issuer: String,
    /// The shard.
    pub shard: u32,
    /// The CRL number.
    pub number: u64,
    /// The base's number, of a delta CRL.
    pub base_number: Option<u64>,
    /// thisUpdate.
    pub this_update: UnixTime,
    /// nextUpdate.
    pub next_update: UnixTime,
    /// SHA-256 of what the ledger keeps of it (the `TBSCertList`, or an imported CRL as it came):
    /// names this version.
    pub sha256: Vec<u8>,
    /// The CRL, DER. Its copies share their octets.
    pub der: Bytes,
}

/// `SEQUENCE { tbs, signatureAlgorithm, signatureValue }`: the form of certificates (RFC 5280
/// §4.1) and CRLs (§5.1). The to-be-signed bytes go in as they are.
#[derive(Sequence)]
struct SignedObject<'a> {
    tbs: AnyRef<'a>,
    algorithm: AlgorithmIdentifierRef<'a>,
    signature: BitStringRef<'a>,
}

/// Puts a signature to the bytes it is over.
///
/// # Errors
/// When the bytes are no DER value.
pub fn assemble(
    tbs: &[u8],
    algorithm: SignatureAlgorithm,
    signature: &[u8],
) -> Result<Vec<u8>, der::Error> {
    SignedObject {
        tbs: AnyRef::try_from(tbs)?,
        algorithm: algorithm_identifier(algorithm),
        signature: BitStringRef::from_bytes(signature)?,
    }
    .to_der()
}

impl Signed<CertificateTbs> {
    /// Makes the outcome durable.
    ///
    /// # Errors
    /// [`Error::Ledger`]: the outcome is unknown; the record is closed at the next start.
    pub fn finish(self, ledger: &Ledger, actor: &Actor, now: UnixTime) -> Result<Issued, Error> {
        let (record, tbs, signature) = self.into_parts();
        let der = assemble(&tbs.der, tbs.plan.signer.signature_algorithm(), &signature)?;
        let event = CertificateIssued {
            record,
            signature: OctetString::new(signature)?,
        };
        let outcome = journal::append(ledger, actor, now, [event.into()])?;
        Ok(Issued {
            issuer: tbs.plan.signer.name,
            serial: tbs.plan.serial,
            profile: tbs.plan.profile_name,
            subject: tbs.plan.subject_ref,
            not_after: tbs.plan.not_after,
            der,
            record,
            outcome,
        })
    }
}

impl Signed<CrlTbs> {
    /// Makes the outcome durable.
    ///
    /// # Errors
    /// [`Error::Ledger`]: the outcome is unknown; the record is closed at the next start.
    pub fn finish(self, ledger: &Ledger, actor: &Actor, now: UnixTime) -> Result<IssuedCrl, Error> {
        let (record, tbs, signature) = self.into_parts();
        let CrlTbs {
            plan,
            octets,
            stored,
        } = tbs;
        let der = octets.complete(plan.signer.signature_algorithm(), &signature)?;
        let event = CrlIssued {
            record,
            signature: OctetString::new(signature)?,
        };
        journal::append(ledger, actor, now, [event.into()])?;
        Ok(IssuedCrl {
            issuer: plan.signer.name,
            shard: plan.shard,
            number: plan.number,
            base_number: plan.base_number,
            this_update: plan.this_update,
            next_update: plan.next_update,
            sha256: stored.map_or_else(Vec::new, |blob| blob.sha256.as_bytes().to_vec()),
            der,
        })
    }
}

impl Signed<RequestTbs> {
    /// Makes the outcome durable; returns the request, DER.
    ///
    /// # Errors
    /// [`Error::Ledger`]: the outcome is unknown; the record is closed at the next start.
    pub fn finish(self, ledger: &Ledger, actor: &Actor, now: UnixTime) -> Result<Vec<u8>, Error> {
        let (record, tbs, signature) = self.into_parts();
        let der = assemble(&tbs.der, tbs.signer.signature_algorithm(), &signature)?;
        let event = CertificationRequestSigned {
            record,
            signature: OctetString::new(signature)?,
        };
        journal::append(ledger, actor, now, [event.into()])?;
        Ok(der)
    }
}
