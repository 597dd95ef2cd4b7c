//! The reviewed document.

use std::collections::BTreeSet;

use kasane_verify::KeyAlgorithm;
use serde::{Deserialize, Serialize};

use super::CeremonyError;
use crate::configuration::AuthorityConfig;

/// Largest script, in bytes: what two people can still review.
const MAX_SCRIPT_BYTES: usize = 262_144;

/// A ceremony script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Whose authority this is.
    pub authority: AuthorityConfig,
    /// Keys to make, in order.
    #[serde(default, rename = "key")]
    pub keys: Vec<KeyStep>,
    /// CA certificates to make, in order.
    #[serde(default, rename = "certificate")]
    pub certificates: Vec<CertificateStep>,
    /// Cross-certificates to make, in order.
    #[serde(default, rename = "cross")]
    pub crosses: Vec<CrossStep>,
    /// OCSP signers to make, in order.
    #[serde(default, rename = "ocsp_signer")]
    pub ocsp_signers: Vec<OcspSignerStep>,
}

/// A key to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyStep {
    /// Its label in the backend.
    pub label: String,
    /// Its role: `root-ca`, `issuing-ca` or `ocsp-responder`.
    pub role: String,
    /// Its algorithm.
    pub algorithm: KeyAlgorithm,
}

/// A CA certificate to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateStep {
    /// The issuer's name: `issuing-rsa`.
    pub name: String,
    /// The profile's name.
    pub profile: String,
    /// Who signs; the name itself for a root.
    pub issuer: String,
    /// The label of its key.
    pub key: String,
    /// Its common name.
    pub common_name: String,
    /// CRL shards, a power of two.
    #[serde(default = "one")]
    pub crl_shards: u32,
}

/// A cross-certificate to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrossStep {
    /// Its name: `root-ecc-by-rsa`.
    pub name: String,
    /// The profile's name.
    pub profile: String,
    /// The CA whose name and key it certifies.
    pub subject: String,
    /// Who signs.
    pub issuer: String,
}

/// An OCSP signer to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OcspSignerStep {
    /// The issuer it answers for.
    pub issuer: String,
    /// The label of its key.
    pub key: String,
    /// Hours from thisUpdate to nextUpdate of its responses.
    #[serde(default = "forty_eight")]
    pub window_hours: u32,
}

impl Script {
    /// Reads and checks a script: every step's needs are met by the steps before it.
    ///
    /// # Errors
    /// [`CeremonyError`] with the place.
    pub fn from_toml(text: &str) -> Result<Self, CeremonyError> {
        if text.len() > MAX_SCRIPT_BYTES {
            return Err(CeremonyError::TooLarge { bytes: text.len() });
        }
        let script: Self = toml::from_str(text).map_err(|error| CeremonyError::Syntax {
            reason: error.to_string(),
        })?;
        script.check()?;
        Ok(script)
    }

    fn check(&self) -> Result<(), CeremonyError> {
        let mut keys = BTreeSet::new();
        for key in &self.keys {
            if !keys.insert(key.label.as_str()) {
                return Err(CeremonyError::Duplicate {
                    name: key.label.clone(),
                });
            }
        }
        let need = |known: &BTreeSet<&str>, step: String, name: &str| {
            let missing = || CeremonyError::Order {
                step,
                missing: name.to_owned(),
            };
            known.contains(name).then_some(()).ok_or_else(missing)
        };
        let mut names = BTreeSet::new();
        for step in &self.certificates {
            let place = format!("certificate {}", step.name);
            need(&keys, place.clone(), &step.key)?;
            if step.issuer != step.name {
                need(&names, place, &step.issuer)?;
            }
            if !names.insert(step.name.as_str()) {
                return Err(CeremonyError::Duplicate {
                    name: step.name.clone(),
                });
            }
        }
        let mut crosses = BTreeSet::new();
        for step in &self.crosses {
            let place = format!("cross {}", step.name);
            need(&names, place.clone(), &step.issuer)?;
            need(&names, place, &step.subject)?;
            if names.contains(step.name.as_str()) || !crosses.insert(step.name.as_str()) {
                return Err(CeremonyError::Duplicate {
                    name: step.name.clone(),
                });
            }
        }
        for step in &self.ocsp_signers {
            let place = format!("ocsp_signer of {}", step.issuer);
            need(&names, place.clone(), &step.issuer)?;
            need(&keys, place, &step.key)?;
        }
        Ok(())
    }
}

const fn one() -> u32 {
    1
}

const fn forty_eight() -> u32 {
    48
}
