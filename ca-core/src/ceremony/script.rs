//! The reviewed document.

use std::collections::BTreeSet;

use kasane_hsm::{KeyLabel, KeyRole};
use serde::{Deserialize, Serialize};

use super::steps::CeremonyTable;
use super::{
    CeremonyError, CertificateStep, CrlStep, CrossStep, Custody, ImportCrlStep, ImportStep,
    KeyStep, OcspSignerStep, Participant, RequestStep,
};
use crate::configuration::AuthorityConfig;

/// Largest script, in bytes: what two people can still review.
const MAX_SCRIPT_BYTES: usize = 262_144;

/// The name of the ceremony that begins an authority.
pub const FIRST_CEREMONY: &str = "ceremony";

/// A ceremony script. Steps are run in the order of these fields, those of one field in the order
/// in which they are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Which ceremony this is.
    #[serde(default)]
    pub ceremony: CeremonyTable,
    /// Whose authority this is.
    pub authority: AuthorityConfig,
    /// Who takes part, by role.
    #[serde(default, rename = "participant", skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<Participant>,
    /// Who keeps the wrap key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custody: Option<Custody>,
    /// Keys to make.
    #[serde(default, rename = "key")]
    pub keys: Vec<KeyStep>,
    /// Requests to CAs whose keys are elsewhere.
    #[serde(default, rename = "request", skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<RequestStep>,
    /// Certificates that were made elsewhere.
    #[serde(default, rename = "import", skip_serializing_if = "Vec::is_empty")]
    pub imports: Vec<ImportStep>,
    /// CRLs that were made elsewhere.
    #[serde(default, rename = "import_crl", skip_serializing_if = "Vec::is_empty")]
    pub crl_imports: Vec<ImportCrlStep>,
    /// CA certificates to make.
    #[serde(default, rename = "certificate")]
    pub certificates: Vec<CertificateStep>,
    /// Cross-certificates to make.
    #[serde(default, rename = "cross")]
    pub crosses: Vec<CrossStep>,
    /// OCSP signers to make.
    #[serde(default, rename = "ocsp_signer")]
    pub ocsp_signers: Vec<OcspSignerStep>,
    /// First CRLs to publish.
    #[serde(default, rename = "crl", skip_serializing_if = "Vec::is_empty")]
    pub crls: Vec<CrlStep>,
}

/// Asked what an authority has from earlier ceremonies.
pub struct Known<'a> {
    /// Whether there is a key of that label.
    pub key: &'a dyn Fn(&str) -> bool,
    /// Whether there is a CA of that name.
    pub ca: &'a dyn Fn(&str) -> bool,
}

impl Script {
    /// Reads and checks a script. Of the ceremony that begins an authority every step's needs are
    /// met by the steps before it; those of a later one are checked against the authority when it
    /// is run ([`Script::check`]).
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
        let begins = script.begins();
        script.check(&Known {
            key: &|_| !begins,
            ca: &|_| !begins,
        })?;
        Ok(script)
    }

    /// Whether it begins an authority.
    #[must_use]
    pub fn begins(&self) -> bool {
        self.ceremony.name == FIRST_CEREMONY
    }

    /// Checks values and order: each step names only what is known or made by a step before it.
    ///
    /// # Errors
    /// [`CeremonyError`] with the place.
    pub fn check(&self, known: &Known<'_>) -> Result<(), CeremonyError> {
        self.check_values()?;
        let mut order = Order {
            known,
            keys: BTreeSet::new(),
            cas: BTreeSet::new(),
            others: BTreeSet::new(),
        };
        for step in &self.keys {
            order.make_key(&step.label)?;
        }
        for step in &self.requests {
            order.need_key(&format!("request {}", step.name), &step.key)?;
            order.make_other(&format!("request {}", step.name))?;
        }
        for step in &self.imports {
            order.make_ca(&step.name)?;
        }
        for step in &self.crl_imports {
            order.need_ca(&format!("import_crl of {}", step.issuer), &step.issuer)?;
        }
        for step in &self.certificates {
            let place = format!("certificate {}", step.name);
            if let Some(key) = &step.key {
                order.need_key(&place, key)?;
            }
            if step.issuer != step.name {
                order.need_ca(&place, &step.issuer)?;
            }
            order.make_ca(&step.name)?;
        }
        for step in &self.crosses {
            let place = format!("cross {}", step.name);
            order.need_ca(&place, &step.issuer)?;
            order.need_ca(&place, &step.subject)?;
            order.make_ca(&step.name)?;
        }
        for step in &self.ocsp_signers {
            let place = format!("ocsp_signer of {}", step.issuer);
            order.need_ca(&place, &step.issuer)?;
            order.need_key(&place, &step.key)?;
        }
        for step in &self.crls {
            order.need_ca(&format!("crl of {}", step.issuer), &step.issuer)?;
            order.make_other(&format!("crl of {}", step.issuer))?;
        }
        Ok(())
    }

    fn check_values(&self) -> Result<(), CeremonyError> {
        let refuse = |place: String, reason: String| Err(CeremonyError::Value { place, reason });
        let name = &self.ceremony.name;
        if KeyLabel::new(name.as_str()).is_err() {
            let reason = format!("{name:?}: use 1 to 40 of a-z, 0-9 and '-'");
            return refuse("[ceremony] name".into(), reason);
        }
        for step in &self.keys {
            let place = format!("key {}", step.label);
            if let Err(error) = KeyLabel::new(step.label.as_str()) {
                return refuse(place, error.to_string());
            }
            if let Err(error) = step.role.parse::<KeyRole>() {
                return refuse(place, error.to_string());
            }
        }
        for (place, name) in self.names() {
            // Names become names of files that are carried: none may leave their folder.
            if KeyLabel::new(name).is_err() {
                let reason = format!("name {name:?}: use 1 to 40 of a-z, 0-9 and '-'");
                return refuse(place, reason);
            }
        }
        for (place, digest) in self.digests() {
            if sha256(digest).is_none() {
                let reason = format!("{digest:?} is no SHA-256: write 64 hexadecimal digits");
                return refuse(place, reason);
            }
        }
        for step in &self.certificates {
            let fits = match (&step.key, &step.request, &step.request_sha256) {
                (Some(_), None, None) => true,
                (None, Some(_), Some(_)) => step.issuer != step.name,
                _ => false,
            };
            if !fits {
                let reason = "write either key, or request and request_sha256 (never for a root)";
                return refuse(format!("certificate {}", step.name), reason.into());
            }
        }
        if let Some(custody) = &self.custody {
            if let Some(set) = &custody.set
                && hex::decode(set).map_or(0, |octets| octets.len()) != 8
            {
                let reason = format!("set {set:?}: write the 16 hexadecimal digits of the set");
                return refuse("[custody]".into(), reason);
            }
            let of = custody.custodians.len();
            if custody.threshold < 2 || usize::from(custody.threshold) > of || of > 16 {
                let reason = format!(
                    "threshold {} of {of} custodians: write 2 to 16 custodians and a threshold \
                     from 2 to their number",
                    custody.threshold
                );
                return refuse("[custody]".into(), reason);
            }
        }
        Ok(())
    }

    /// The place and name of each step that makes, takes or continues something under a name.
    fn names(&self) -> impl Iterator<Item = (String, &str)> {
        let requests = self.requests.iter().map(|it| ("request", &*it.name));
        let imports = self.imports.iter().map(|it| ("import", &*it.name));
        let certificates = self
            .certificates
            .iter()
            .map(|it| ("certificate", &*it.name));
        let crosses = self.crosses.iter().map(|it| ("cross", &*it.name));
        requests
            .chain(imports)
            .chain(certificates)
            .chain(crosses)
            .map(|(kind, name)| (format!("{kind} {name:?}"), name))
    }

    fn digests(&self) -> impl Iterator<Item = (String, &str)> {
        let imports = self
            .imports
            .iter()
            .map(|it| (format!("import {}", it.name), &*it.sha256));
        let crls = self.crl_imports.iter();
        let crls = crls.map(|it| (format!("import_crl of {}", it.issuer), &*it.sha256));
        let requests = self.certificates.iter().filter_map(|it| {
            let digest = it.request_sha256.as_deref()?;
            Some((format!("certificate {}", it.name), digest))
        });
        imports.chain(crls).chain(requests)
    }
}

/// 64 hexadecimal digits, with colons or without.
pub(super) fn sha256(text: &str) -> Option<[u8; 32]> {
    hex::decode(text.replace(':', "")).ok()?.try_into().ok()
}

/// What is known while the steps are gone through.
struct Order<'s, 'k> {
    known: &'k Known<'k>,
    keys: BTreeSet<&'s str>,
    cas: BTreeSet<&'s str>,
    others: BTreeSet<String>,
}

impl<'s> Order<'s, '_> {
    fn make_key(&mut self, label: &'s str) -> Result<(), CeremonyError> {
        once(self.keys.insert(label), label)
    }

    fn make_ca(&mut self, name: &'s str) -> Result<(), CeremonyError> {
        once(self.cas.insert(name), name)
    }

    fn make_other(&mut self, name: &str) -> Result<(), CeremonyError> {
        once(self.others.insert(name.to_owned()), name)
    }

    fn need_key(&self, place: &str, label: &str) -> Result<(), CeremonyError> {
        need(
            self.keys.contains(label) || (self.known.key)(label),
            place,
            label,
        )
    }

    fn need_ca(&self, place: &str, name: &str) -> Result<(), CeremonyError> {
        need(
            self.cas.contains(name) || (self.known.ca)(name),
            place,
            name,
        )
    }
}

fn once(is_new: bool, name: &str) -> Result<(), CeremonyError> {
    if is_new {
        return Ok(());
    }
    Err(CeremonyError::Duplicate {
        name: name.to_owned(),
    })
}

fn need(is_there: bool, place: &str, name: &str) -> Result<(), CeremonyError> {
    if is_there {
        return Ok(());
    }
    Err(CeremonyError::Order {
        step: place.to_owned(),
        missing: name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHORITY: &str = r#"
        [authority]
        mode = "demo"
        timeline = "demonstration"
        origin = "kasane.example/ledger"
        organization = "Kasane Demonstration"
        operator_domain = "kasane.example"
        status_url = "http://127.0.0.1:8080"
        [[key]]
        label = "root-ecc"
        role = "root-ca"
        algorithm = "p-384"
    "#;

    fn certificate(name: &str) -> String {
        format!(
            "[[certificate]]\nname = {name:?}\nprofile = \"root-ecc\"\nissuer = {name:?}\n\
             key = \"root-ecc\"\ncommon_name = \"Root\"\n"
        )
    }

    fn steps(name: &str) -> [String; 4] {
        let cross = format!(
            "[[cross]]\nname = {name:?}\nprofile = \"root-ecc\"\nsubject = \"root-ecc\"\n\
             issuer = \"root-ecc\"\n"
        );
        [
            format!(
                "[[request]]\nname = {name:?}\nprofile = \"root-ecc\"\nkey = \"root-ecc\"\n\
                 common_name = \"Root\"\n"
            ),
            format!(
                "[[import]]\nname = {name:?}\ncertificate = \"a.pem\"\nsha256 = \"{}\"\n",
                "00".repeat(32)
            ),
            certificate(name),
            certificate("root-ecc") + &cross,
        ]
    }

    #[test]
    fn names_that_could_leave_the_folder_of_carried_files_are_refused() {
        for step in steps("other") {
            Script::from_toml(&format!("{AUTHORITY}{step}")).unwrap();
        }
        for name in ["../other", "/etc/other", "a/b", "..", "", "Other"] {
            for step in steps(name) {
                let read = Script::from_toml(&format!("{AUTHORITY}{step}"));
                let refused = matches!(&read, Err(CeremonyError::Value { .. }));
                assert!(refused, "{step}: {read:?}");
            }
        }
    }
}
