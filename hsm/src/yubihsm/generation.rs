//! Making a key, so that two who make the same one at once do not both succeed and a lost answer is
//! no lost key.

use std::time::{Duration, Instant};

use kasane_verify::KeyAlgorithm;
use yubihsm::{asymmetric, object};

use super::core::{COMMAND, Core, GENERATION};
use super::fault::Fault;
use super::lane::Who;
use super::{algorithm, domain, object_id};
use crate::{Error, KeyInfo, KeyLabel, KeyRole};

/// Pause between looks for a key whose generation was not answered.
const PAUSE: Duration = Duration::from_millis(500);

/// How long a device that does not answer after a generation is asked again.
const PATIENCE: Duration = Duration::from_secs(30);

impl Core {
    pub(super) fn make(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, Error> {
        let Some(kind) = algorithm::to_device(algorithm) else {
            return Err(Error::KeyAlgorithmUnsupported {
                backend: self.backend.to_string(),
                algorithm,
            });
        };
        let exists = || Error::KeyExists {
            label: label.clone(),
            backend: self.backend.to_string(),
        };
        let taken = self.foreign.iter().any(|key| key.label == *label)
            || !self
                .labelled(label.as_str(), Instant::now() + COMMAND)?
                .is_empty();
        if taken {
            return Err(exists());
        }
        let id = self
            .place(label, role, algorithm, kind)?
            .ok_or_else(exists)?;
        let raw = self.on_key(
            label,
            "read public key",
            Instant::now() + COMMAND,
            |session| session.client.get_public_key(id),
        )?;
        self.key_info(label, role, algorithm, &raw.bytes)
    }

    /// Makes the key under the first ID that is free; `None` if another made it meanwhile.
    fn place(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
        kind: asymmetric::Algorithm,
    ) -> Result<Option<u16>, Error> {
        for probe in 0..object_id::PROBES {
            let id = object_id::of(label, probe);
            let device_label = self.device_label(label.as_str())?;
            let made = self.lane.run(
                Who::Main,
                "generate",
                Instant::now() + GENERATION,
                |session| {
                    session.client.generate_asymmetric_key(
                        id,
                        device_label.clone(),
                        domain::of(role),
                        algorithm::capabilities(algorithm),
                        kind,
                    )
                },
            );
            match made {
                Ok(id) => return Ok(Some(id)),
                Err(Fault::Exists) => {
                    let there = self.at(id, Instant::now() + COMMAND);
                    if let Ok(info) = there
                        && info.label == device_label
                    {
                        return Ok(None);
                    }
                    // A key of another label, or of domains that are hidden from us.
                }
                Err(Fault::Other(error)) if error.was_attempted() => {
                    return if self.was_made(id, label, role, kind) {
                        Ok(Some(id))
                    } else {
                        Err(error)
                    };
                }
                Err(fault) => return Err(fault.about(&self.backend, label)),
            }
        }
        Err(self.refuse("generate", "no free object ID was found for the label"))
    }

    /// Whether the key is there although the answer was lost. The crate waits 20 s for an answer, a
    /// device may need longer for the key.
    fn was_made(
        &self,
        id: u16,
        label: &KeyLabel,
        role: KeyRole,
        kind: asymmetric::Algorithm,
    ) -> bool {
        self.lane.wait_until_idle(Instant::now() + GENERATION);
        let end = Instant::now() + PATIENCE;
        loop {
            match self.at(id, Instant::now() + COMMAND) {
                Ok(info) => {
                    return info.algorithm.asymmetric() == Some(kind)
                        && info.domains == domain::of(role)
                        && info.label.try_as_str().is_ok_and(|it| it == label.as_str());
                }
                Err(Fault::Other(
                    Error::Unreachable { .. }
                    | Error::Busy { .. }
                    | Error::TimedOut { .. }
                    | Error::AnswerLost { .. },
                )) if Instant::now() < end => std::thread::sleep(PAUSE),
                Err(_) => return false,
            }
        }
    }

    fn at(&self, id: u16, deadline: Instant) -> Result<object::Info, Fault> {
        self.lane
            .run(Who::Main, "look at key", deadline, |session| {
                session
                    .client
                    .get_object_info(id, object::Type::AsymmetricKey)
            })
    }
}
