//! The certificate whose revocation is to be seen.

use kasane_ocsp::encode_get;
use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::CertificateList;
use kasane_verify::crypto::{CryptoProvider, DigestAlgorithm};
use kasane_verify::ocsp::{CertId, OcspIssuer, OcspRequest, OcspResponse, OcspRules, check};
use kasane_verify::path::AcceptAll;
use kasane_verify::revocation::{Freshness, Status};

use super::Seen;
use super::seen::plain;
use super::signed_by::signed_by;

/// An OCSP response older than this is stale, whatever it says of itself: twice the window of ours.
const MAX_AGE_SECONDS: i64 = 4 * 86_400;

/// A revoked certificate and its issuer's.
#[derive(Clone, Debug)]
pub struct Subject {
    certificate: Vec<u8>,
    issuer: Vec<u8>,
    /// Serial number, lower-case hex.
    serial: String,
    /// Where its OCSP responder is, by the certificate's own word; none when there is none.
    ocsp_uri: Option<String>,
    /// The same of its full and its delta CRL.
    crl_uri: Option<String>,
    delta_uri: Option<String>,
    /// What a GET adds to the responder's address.
    get: String,
}

/// A genuine OCSP answer.
pub(super) struct Answered {
    pub(super) seen: Seen,
    /// SHA-256 of its signer's `SubjectPublicKeyInfo`, lower-case hex; none for the issuer itself.
    pub(super) signer: Option<String>,
}

/// Why nobody can be asked about a certificate.
#[derive(Debug, thiserror::Error)]
#[error("certificate {serial} cannot be asked about: {reason}")]
pub struct BadSubject {
    /// Its serial number; empty when it cannot be read.
    pub serial: String,
    /// What is wrong.
    pub reason: String,
}

impl Subject {
    /// From both certificates, DER.
    ///
    /// # Errors
    /// [`BadSubject`] when one cannot be read.
    pub fn new(
        crypto: &dyn CryptoProvider,
        certificate: Vec<u8>,
        issuer: Vec<u8>,
    ) -> Result<Self, BadSubject> {
        let mut serial = String::new();
        let bad = |serial: &str, reason: String| BadSubject {
            serial: serial.to_owned(),
            reason,
        };
        let (ocsp_uri, crl_uri, delta_uri, get) = {
            let parsed = Certificate::from_der(&certificate)
                .map_err(|error| bad(&serial, error.to_string()))?;
            serial = hex::encode(parsed.serial());
            let ca = Certificate::from_der(&issuer)
                .map_err(|error| bad(&serial, format!("its issuer: {error}")))?;
            let extensions = parsed.extensions();
            let owned = |uri: &str| uri.to_owned();
            let access = extensions.authority_info_access;
            let ocsp_uri = access.and_then(|it| it.ocsp_uris().next().map(owned));
            let crl = extensions.crl_distribution_points;
            let crl_uri = crl.and_then(|it| it.uris().next().map(owned));
            let delta = extensions.freshest_crl;
            let delta_uri = delta.and_then(|it| it.uris().next().map(owned));
            // SHA-1, since that is what most clients send, and what caches keep responses by.
            let request = CertId::new(
                crypto,
                DigestAlgorithm::Sha1,
                parsed.issuer().der(),
                ca.spki(),
                parsed.serial(),
            )
            .and_then(|id| OcspRequest::new(vec![id], None)?.encode_der())
            .map_err(|error| bad(&serial, error.to_string()))?;
            (ocsp_uri, crl_uri, delta_uri, encode_get(&request))
        };
        Ok(Self {
            certificate,
            issuer,
            serial,
            ocsp_uri,
            crl_uri,
            delta_uri,
            get,
        })
    }

    /// Its serial number, lower-case hex.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The path of a GET about it at whoever answers OCSP for its issuer; none when its CA answers by
    /// CRL only.
    #[must_use]
    pub fn get_path(&self) -> Option<String> {
        let address = self.ocsp_address()?;
        let (_, rest) = address.split_once("://")?;
        rest.find('/')
            .and_then(|at| rest.get(at..))
            .map(str::to_owned)
    }

    /// Where OCSP is asked about it by GET; none when its CA answers by CRL only.
    pub(super) fn ocsp_address(&self) -> Option<String> {
        let base = self.ocsp_uri.as_ref()?;
        Some(format!("{}/{}", base.trim_end_matches('/'), self.get))
    }

    /// Where its full CRL is.
    pub(super) fn crl_address(&self) -> Option<&str> {
        self.crl_uri.as_deref()
    }

    /// Where its delta CRL is.
    pub(super) fn delta_address(&self) -> Option<&str> {
        self.delta_uri.as_deref()
    }

    /// What an OCSP response says of it, to somebody who checks signature, signer and time.
    ///
    /// # Errors
    /// Why it is not believed.
    pub(super) fn judge_ocsp(
        &self,
        crypto: &dyn CryptoProvider,
        response: &[u8],
        at: UnixTime,
    ) -> Result<Answered, Seen> {
        let rules = OcspRules {
            at,
            freshness: Freshness::Required,
            max_age_seconds: MAX_AGE_SECONDS,
            nonce: None,
            // The signer's key is the authority's own choice.
            policy: &AcceptAll,
        };
        let judged = OcspResponse::parse(response).and_then(|response| {
            let (certificate, ca) = self.parsed()?;
            let key = crypto
                .public_key(ca.spki())
                .map_err(kasane_verify::ocsp::OcspError::Signature)?;
            let issuer = OcspIssuer::from_certificate(&ca, &*key);
            let answer = check(crypto, &response, &certificate, &issuer, &rules)?;
            Ok((answer, signed_by(crypto, &response)))
        });
        let (answer, signer) = judged.map_err(|error| Seen::NotBelieved {
            code: error.code().to_owned(),
            reason: plain(&error.to_string()),
        })?;
        let seen = match answer.status {
            Status::Revoked { date, .. } => Seen::Revoked { date },
            Status::Good => Seen::Good {
                produced_at: answer.produced_at,
                cached: None,
            },
            Status::Unknown => Seen::Unknown,
        };
        Ok(Answered { seen, signer })
    }

    /// Whether a CRL lists it, to somebody who checks issuer, signature and time.
    pub(super) fn judge_crl(&self, crypto: &dyn CryptoProvider, crl: &[u8], at: UnixTime) -> Seen {
        let refused = |reason: String| Seen::NotBelieved {
            code: "crl.not-believed".to_owned(),
            reason: plain(&reason),
        };
        let list = match CertificateList::from_der(crl) {
            Ok(list) => list,
            Err(error) => return refused(error.to_string()),
        };
        let Ok((certificate, ca)) = self.parsed() else {
            return refused("the certificate in question cannot be read".to_owned());
        };
        if !list.issuer().matches(&ca.subject()) {
            return refused("it is of another issuer".to_owned());
        }
        if list.next_update().is_none_or(|next| next < at) {
            return refused(format!("its next update was due before {at}"));
        }
        let signed = crypto
            .public_key(ca.spki())
            .map_err(|error| error.to_string())
            .and_then(|key| {
                list.verify_signature(&*key)
                    .map_err(|error| error.to_string())
            });
        if let Err(reason) = signed {
            return refused(reason);
        }
        match list.find(certificate.serial()) {
            Ok(Some(entry)) => Seen::Revoked {
                date: entry.revocation_date,
            },
            Ok(None) => Seen::NotListed {
                this_update: list.this_update(),
            },
            Err(error) => refused(error.to_string()),
        }
    }

    fn parsed(&self) -> Result<(Certificate<'_>, Certificate<'_>), kasane_verify::ocsp::OcspError> {
        // Both were read when this was made.
        let read = |der| {
            Certificate::from_der(der)
                .map_err(|_| kasane_verify::ocsp::OcspError::NotAboutCertificate)
        };
        Ok((read(&self.certificate)?, read(&self.issuer)?))
    }
}
