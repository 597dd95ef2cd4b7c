//! What the authority hands over when it enrols an edge.

use kasane_ledger::checkpoint::CheckpointVerifier;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::registration::Identifier;

/// What an edge must know of the authority; the token by which it is known there is kept apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// The edge's name.
    pub name: String,
    /// Host and port of the authority's feed.
    pub feed: String,
    /// SHA-256 of the feed's public key (DER `SubjectPublicKeyInfo`), lower-case hex.
    pub feed_key_sha256: String,
    /// The ledger's key, as a C2SP signed-note verifier key.
    pub ledger_key: String,
    /// Where CRLs and certificates are served.
    pub status_url: String,
}

impl Enrolment {
    /// Reads and checks the TOML form.
    ///
    /// # Errors
    /// [`Error::BadArgument`] or [`Error::Registration`] for the value that does not fit.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let bad = |reason: String| Error::BadArgument {
            what: "enrolment",
            reason,
        };
        let enrolment: Self = toml::from_str(text).map_err(|error| bad(error.to_string()))?;
        enrolment.name.parse::<Identifier>()?;
        enrolment.verifier()?;
        enrolment.feed_key()?;
        let (host, port) = enrolment.feed.rsplit_once(':').unwrap_or_default();
        if host.is_empty() || port.parse::<u16>().is_err() {
            return Err(bad(format!(
                "feed {:?} is not of the form host:port",
                enrolment.feed
            )));
        }
        Ok(enrolment)
    }

    /// What verifies the ledger's checkpoints.
    ///
    /// # Errors
    /// [`Error::BadArgument`].
    pub fn verifier(&self) -> Result<CheckpointVerifier, Error> {
        CheckpointVerifier::from_vkey(&self.ledger_key).map_err(|error| Error::BadArgument {
            what: "ledger key of the enrolment",
            reason: error.to_string(),
        })
    }

    /// SHA-256 of the feed's key.
    ///
    /// # Errors
    /// [`Error::BadArgument`].
    pub fn feed_key(&self) -> Result<[u8; 32], Error> {
        let octets = hex::decode(&self.feed_key_sha256).ok();
        octets
            .and_then(|octets| octets.try_into().ok())
            .ok_or_else(|| Error::BadArgument {
                what: "feed key of the enrolment",
                reason: "want 64 digits of lower-case hex".into(),
            })
    }
}
