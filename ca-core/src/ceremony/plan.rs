//! What a rehearsal fixed, so that the ceremony signs the very bytes that were reviewed.

use std::collections::BTreeMap;

use aws_lc_rs::hkdf;
use kasane_verify::UnixTime;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Artefact, CeremonyError};
use crate::pipeline::ToBeSigned;
use crate::random::{RandomFailed, RandomSource};
use crate::signing::Product;

/// Largest plan, in bytes.
pub const MAX_PLAN_BYTES: usize = 16 * 1024 * 1024;

/// How long after its instant a plan may be carried out: what it signs begins at the instant, and
/// a CRL of an issuing CA lives 96 hours.
const VALID_SECONDS: i64 = 48 * 3600;

/// The form of plans.
const VERSION: u32 = 1;

/// What a rehearsal fixed: the instant from which everything is valid, the seed of serial numbers,
/// and every artefact that came of them.
///
/// The seed is no secret. Serial numbers must not be predictable to who can choose the contents of
/// certificates (RFC 5280 §4.1.2.2 and the collision attacks behind it); the contents of a ceremony
/// are fixed by the reviewed script, the seed is 256 random bits, and the numbers that follow from
/// it are published in the certificates. Nobody gains by knowing them a day before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    version: u32,
    origin: String,
    script_sha256: String,
    instant: UnixTime,
    seed: String,
    #[serde(default, rename = "artefact")]
    artefacts: Vec<PlannedArtefact>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedArtefact {
    step: String,
    ordinal: u32,
    product: String,
    signer: String,
    provisional: bool,
    sha256: String,
    tbs: String,
}

impl Plan {
    /// Reads and checks a plan.
    ///
    /// # Errors
    /// [`CeremonyError::Plan`].
    pub fn from_toml(text: &str) -> Result<Self, CeremonyError> {
        let refuse = |reason: String| Err(CeremonyError::Plan { reason });
        if text.len() > MAX_PLAN_BYTES {
            return refuse(format!("it has more than {MAX_PLAN_BYTES} bytes"));
        }
        let plan: Self = match toml::from_str(text) {
            Ok(plan) => plan,
            Err(error) => return refuse(error.to_string()),
        };
        if plan.version != VERSION {
            return refuse(format!("version {}; this program reads 1", plan.version));
        }
        if hex::decode(&plan.seed).map_or(0, |seed| seed.len()) != 32 {
            return refuse("the seed is no 32 octets in hexadecimal".into());
        }
        for artefact in &plan.artefacts {
            let whole = hex::decode(&artefact.tbs)
                .is_ok_and(|tbs| hex::encode(Sha256::digest(tbs)) == artefact.sha256);
            if !whole || product(&artefact.product).is_none() {
                return refuse(format!(
                    "{} {}: bytes and SHA-256 do not belong together",
                    artefact.step, artefact.ordinal
                ));
            }
        }
        Ok(plan)
    }

    /// The document.
    ///
    /// # Errors
    /// [`CeremonyError::Plan`].
    pub fn to_toml(&self) -> Result<String, CeremonyError> {
        toml::to_string(self).map_err(|error| CeremonyError::Plan {
            reason: error.to_string(),
        })
    }

    /// SHA-256 of the document: its name in the ledger.
    ///
    /// # Errors
    /// [`CeremonyError::Plan`].
    pub fn sha256(&self) -> Result<String, CeremonyError> {
        Ok(hex::encode(Sha256::digest(self.to_toml()?.as_bytes())))
    }

    /// The instant at which everything begins.
    #[must_use]
    pub const fn instant(&self) -> UnixTime {
        self.instant
    }

    /// Refuses a plan of another script or authority, one before its time and one that is too old.
    pub(super) fn check(
        &self,
        origin: &str,
        script_sha256: &[u8; 32],
        now: UnixTime,
    ) -> Result<(), CeremonyError> {
        let reason = if self.origin != origin {
            format!("it is of the authority {}", self.origin)
        } else if self.script_sha256 != hex::encode(script_sha256) {
            format!("it is of another script (SHA-256 {})", self.script_sha256)
        } else if now < self.instant {
            format!("it may be carried out from {} on", self.instant)
        } else if now.seconds_since(self.instant) > VALID_SECONDS {
            format!(
                "it is of {}, more than 48 hours ago: rehearse again",
                self.instant
            )
        } else {
            return Ok(());
        };
        Err(CeremonyError::Plan { reason })
    }
}

/// A plan at work: gives instant and serial numbers, and takes note of, or checks, each artefact.
#[derive(Debug)]
pub struct Planned {
    instant: UnixTime,
    seed: [u8; 32],
    expected: Option<BTreeMap<(String, u32), Artefact>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    step: String,
    ordinal: u32,
    drawn: u32,
    produced: Vec<Artefact>,
}

impl Planned {
    /// For a rehearsal: whatever comes is noted.
    #[must_use]
    pub fn rehearsal(instant: UnixTime, seed: [u8; 32]) -> Self {
        Self {
            instant,
            seed,
            expected: None,
            state: Mutex::default(),
        }
    }

    /// For the ceremony: what differs is refused before it is recorded.
    ///
    /// # Errors
    /// [`CeremonyError::Plan`].
    pub fn bound(plan: &Plan) -> Result<Self, CeremonyError> {
        let seed = hex::decode(&plan.seed)
            .ok()
            .and_then(|it| it.try_into().ok());
        let seed = seed.ok_or_else(|| CeremonyError::Plan {
            reason: "the seed is no 32 octets in hexadecimal".into(),
        })?;
        let expected = plan.artefacts.iter().filter_map(|it| {
            let artefact = Artefact {
                step: it.step.clone(),
                ordinal: it.ordinal,
                product: product(&it.product)?,
                signer: it.signer.clone(),
                provisional: it.provisional,
                der: hex::decode(&it.tbs).ok()?,
            };
            Some(((it.step.clone(), it.ordinal), artefact))
        });
        Ok(Self {
            instant: plan.instant,
            seed,
            expected: Some(expected.collect()),
            state: Mutex::default(),
        })
    }

    /// The plan of what was noted.
    #[must_use]
    pub fn to_plan(&self, origin: &str, script: &str, artefacts: &[Artefact]) -> Plan {
        Plan {
            version: VERSION,
            origin: origin.to_owned(),
            script_sha256: hex::encode(Sha256::digest(script.as_bytes())),
            instant: self.instant,
            seed: hex::encode(self.seed),
            artefacts: artefacts
                .iter()
                .map(|it| PlannedArtefact {
                    step: it.step.clone(),
                    ordinal: it.ordinal,
                    product: it.product.as_str().to_owned(),
                    signer: it.signer.clone(),
                    provisional: it.provisional,
                    sha256: hex::encode(it.sha256()),
                    tbs: hex::encode(&it.der),
                })
                .collect(),
        }
    }

    /// What was produced, in order.
    #[must_use]
    pub fn artefacts(&self) -> Vec<Artefact> {
        self.state.lock().produced.clone()
    }

    /// The instant at which what is signed begins.
    pub(crate) const fn instant(&self) -> UnixTime {
        self.instant
    }

    /// A step begins: its serial numbers follow from the seed and its name, so that they do not
    /// depend on which steps were done before an interruption.
    pub(crate) fn enter(&self, step: &str) {
        let mut state = self.state.lock();
        state.step = step.to_owned();
        state.ordinal = 0;
        state.drawn = 0;
    }

    /// Notes what is about to be recorded; in a ceremony it must be what was rehearsed.
    pub(crate) fn admit<T: ToBeSigned>(&self, tbs: &T) -> Result<(), CeremonyError> {
        let mut state = self.state.lock();
        let label = tbs.signer().key_label.as_ref();
        let mut artefact = Artefact {
            step: state.step.clone(),
            ordinal: state.ordinal,
            product: tbs.product(),
            signer: label.map(ToString::to_string).unwrap_or_default(),
            provisional: false,
            der: tbs.der().to_vec(),
        };
        if let Some(expected) = &self.expected {
            let key = (artefact.step.clone(), artefact.ordinal);
            let Some(planned) = expected.get(&key) else {
                return Err(CeremonyError::Plan {
                    reason: format!("{} {} was not rehearsed", key.0, key.1),
                });
            };
            if !planned.provisional && planned.der != artefact.der {
                let (field, planned, found) = planned.difference(&artefact);
                return Err(CeremonyError::DiffersFromPlan {
                    step: artefact.step,
                    field,
                    planned,
                    found,
                });
            }
            artefact.provisional = planned.provisional;
        }
        state.ordinal += 1;
        state.produced.push(artefact);
        Ok(())
    }
}

/// Serial numbers: HKDF-SHA256 (RFC 5869) of the seed, by step and count.
impl RandomSource for Planned {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomFailed> {
        let mut state = self.state.lock();
        let key = hkdf::Salt::new(hkdf::HKDF_SHA256, b"kasane ceremony plan").extract(&self.seed);
        for chunk in buffer.chunks_mut(32) {
            let count = state.drawn.to_be_bytes();
            state.drawn += 1;
            let info = [state.step.as_bytes(), &[0], &count];
            let mut octets = [0; 32];
            key.expand(&info, hkdf::HKDF_SHA256)
                .and_then(|okm| okm.fill(&mut octets))
                .map_err(|_| RandomFailed)?;
            for (to, from) in chunk.iter_mut().zip(octets) {
                *to = from;
            }
        }
        Ok(())
    }
}

fn product(name: &str) -> Option<Product> {
    Product::ALL.into_iter().find(|it| it.as_str() == name)
}
