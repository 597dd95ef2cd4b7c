//! Who answers for status, and who may sign there, as the authority knows it.

use kasane_verify::UnixTime;
use serde::{Deserialize, Serialize};

use super::Endpoint;
use super::endpoint::OWN;

/// Who answers for status, and who may sign there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// Addresses at which somebody answers.
    pub endpoints: Vec<Endpoint>,
    /// Edge responders that are enrolled and were not removed, by name.
    pub edges: Vec<Edge>,
    /// The signers that the ledger records and that have not expired.
    pub signers: Vec<Signer>,
}

/// An edge responder, and how far it follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// Its name.
    pub name: String,
    /// What the addresses in certificates begin with, there; empty when nobody said.
    pub url: String,
    /// When it last asked for entries, since the service began.
    pub heard: Option<UnixTime>,
    /// By its own word it had the entries below this one then.
    pub entries: Option<u64>,
}

/// A delegated OCSP signer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// The issuer that it answers for.
    pub issuer: String,
    /// The edge responder that has its key; none when the authority has it.
    pub responder: Option<String>,
    /// The serial number of its certificate, lower-case hex.
    pub serial: String,
    /// SHA-256 of its key's DER `SubjectPublicKeyInfo`, lower-case hex.
    pub spki_sha256: String,
    /// When its certificate was revoked.
    pub revoked: Option<UnixTime>,
}

/// Asks the authority. Blocks.
pub trait RosterSource: Send + Sync {
    /// Everything.
    ///
    /// # Errors
    /// Why the authority cannot be asked.
    fn roster(&self) -> Result<Roster, String>;

    /// The edges alone, which costs less.
    ///
    /// # Errors
    /// Why the authority cannot be asked.
    fn edges(&self) -> Result<Vec<Edge>, String>;
}

/// Whose signers may answer at an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// The authority's own.
    Authority,
    /// Those of these edges.
    Edges(Vec<String>),
    /// Anybody's: a proxy, or an edge by another name.
    Anybody,
}

/// Why a signer is not the one that should answer there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrongSigner {
    /// A stable code.
    pub(super) code: &'static str,
    /// For people.
    pub(super) reason: String,
}

impl Roster {
    /// The edges that no answer of an endpoint speaks for alone: those without an address, and those
    /// that share one. What they know is what they say that they have followed to.
    pub(super) fn followed(&self) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(|edge| {
            let alone = Whose::Edges(vec![edge.name.clone()]);
            !self.endpoints.iter().any(|it| self.whose(it) == alone)
        })
    }

    /// Whether an edge can answer with anything that a client believes. Revoked signers are among those:
    /// clients are told not to ask about signers (`id-pkix-ocsp-nocheck`).
    pub(super) fn has_signer(&self, edge: &str) -> bool {
        let mut signers = self.signers.iter();
        signers.any(|signer| signer.responder.as_deref() == Some(edge))
    }

    pub(super) fn whose(&self, endpoint: &Endpoint) -> Whose {
        if endpoint.name == OWN {
            return Whose::Authority;
        }
        let url = endpoint.url.trim_end_matches('/');
        let here = self.edges.iter().filter(|edge| edge.url == url);
        let here: Vec<_> = here.map(|edge| edge.name.clone()).collect();
        let named = self.edges.iter().find(|edge| edge.name == endpoint.name);
        match named {
            // The operator says where it is reached: nobody else may answer there in its name.
            Some(edge) if edge.url != url => Whose::Edges(vec![edge.name.clone()]),
            _ if here.is_empty() => Whose::Anybody,
            _ => Whose::Edges(here),
        }
    }

    /// Whether the holder of the key with that digest may answer for `whose` endpoint. `None` is the
    /// issuer's own key.
    pub(super) fn check_signer(
        &self,
        whose: &Whose,
        spki_sha256: Option<&str>,
    ) -> Result<(), WrongSigner> {
        let wrong = |code, reason| Err(WrongSigner { code, reason });
        let Some(spki_sha256) = spki_sha256 else {
            let reason = "it is signed by the CA's own key, which answers nothing here".to_owned();
            return wrong("signer.issuer-itself", reason);
        };
        let of_key = |signer: &&Signer| signer.spki_sha256 == spki_sha256;
        let found: Vec<&Signer> = self.signers.iter().filter(of_key).collect();
        // A key that was certified twice counts as long as one of its certificates stands.
        let standing = found.iter().find(|it| it.revoked.is_none());
        let Some(signer) = standing.or_else(|| found.first()) else {
            let reason = format!(
                "its signer's key (SHA-256 {}…) is in the ledger for nobody, or has expired there",
                spki_sha256.get(..16).unwrap_or(spki_sha256)
            );
            return wrong("signer.not-recorded", reason);
        };
        let who = match &signer.responder {
            None => "the authority itself".to_owned(),
            Some(name) => format!("edge {name}"),
        };
        if let Some(date) = signer.revoked {
            let reason = format!("its signer {} ({who}) was revoked {date}", signer.serial);
            return wrong("signer.revoked", reason);
        }
        let is_enrolled = |name: &String| self.edges.iter().any(|edge| edge.name == *name);
        let (is_right, expected) = match (whose, &signer.responder) {
            (Whose::Authority, of) => (of.is_none(), "the authority itself".to_owned()),
            (Whose::Edges(names), Some(of)) => (names.contains(of), names.join(" or ")),
            (Whose::Edges(names), None) => (false, names.join(" or ")),
            (Whose::Anybody, None) => (true, String::new()),
            (Whose::Anybody, Some(of)) => (is_enrolled(of), "an edge that is enrolled".to_owned()),
        };
        if is_right {
            return Ok(());
        }
        let reason = format!(
            "{who} answers there, by its signer {}, and not {expected}",
            signer.serial
        );
        wrong("signer.of-another", reason)
    }
}

/// One that does not change: nobody can be asked later.
impl RosterSource for Roster {
    fn roster(&self) -> Result<Roster, String> {
        Ok(self.clone())
    }

    fn edges(&self) -> Result<Vec<Edge>, String> {
        Ok(self.edges.clone())
    }
}
