//! How an authority begins.

use std::sync::Arc;

use der::asn1::OctetString;
use kasane_hsm::{BackendKind, KeyInfo, KeyLabel, KeyRole};
use kasane_ledger::{Ledger, NoProjection, Options};
use kasane_ledger_schema::{Entry, Event, Genesis, KeyGenerated, SignaturesReserved};
use kasane_verify::KeyAlgorithm;
use kasane_verify::policy::Timeline;

use super::open::{backend_name, check_backend};
use super::{Authority, DeviceAction, LEDGER_KEY_LABEL, Parts, documents, reconcile};
use crate::attestation::{self, Attested};
use crate::ceremony::{CeremonyError, FIRST_CEREMONY, Script};
use crate::configuration::{AuthorityConfig, Configuration, Mode};
use crate::folder::{DataFolder, FolderError};
use crate::ledger_head::LedgerHead;
use crate::profile::Profiles;
use crate::signing::{LedgerKey, Product, SigningDoor, SigningError};
use crate::{Actor, Error, blob, journal};

/// Checkpoints that the first entries reserve: one, and one more for each crash before it is noted.
const FIRST_CHECKPOINTS: u64 = 8;

/// The documents of a new authority.
pub struct Documents<'a> {
    /// The ceremony script, as reviewed.
    pub script: &'a str,
    /// The real timeline.
    pub timeline: &'a str,
    /// Name and text of each profile.
    pub profiles: &'a [(&'a str, &'a str)],
}

impl Authority {
    /// Begins an authority: the ledger's key, the ledger, and its first entries. Does nothing when
    /// it has begun already.
    ///
    /// # Errors
    /// The first thing that does not fit; nothing is half-done: the first entries are one batch.
    pub fn begin(
        folder: &DataFolder,
        parts: &Parts,
        config: &AuthorityConfig,
        documents: &Documents<'_>,
    ) -> Result<(), Error> {
        let script_name = Script::from_toml(documents.script)?.ceremony.name;
        if script_name != FIRST_CEREMONY && !folder.ledger().exists() {
            return Err(CeremonyError::NotBegun { name: script_name }.into());
        }
        let configuration = Configuration::new(config.clone())?;
        parts.devices.check_logs(&configuration)?;
        check_backend(&configuration, &*parts.backend)?;
        let now = parts.clock.now();
        let timeline = configuration.timeline(&Timeline::from_toml(documents.timeline)?, now);
        Profiles::load(documents.profiles.iter().copied())?.check(&timeline)?;
        let door = SigningDoor::new(Arc::clone(&parts.backend), Arc::clone(&parts.crypto));
        let label = KeyLabel::new(LEDGER_KEY_LABEL).map_err(SigningError::from)?;
        let (key, generated) = match door.key(&label, KeyRole::Ledger) {
            Ok(key) => (key, false),
            Err(SigningError::Key(kasane_hsm::Error::KeyNotFound { .. })) => {
                let key = door.generate(&label, KeyRole::Ledger, KeyAlgorithm::Ed25519)?;
                (key, true)
            }
            // A device that does not answer may hold it: a second one would divide the authority.
            Err(error) => return Err(error.into()),
        };
        if !folder.ledger().exists() {
            if folder.store().exists() || LedgerHead::of(folder).exists() {
                return Err(Error::Stopped {
                    reason: "an authority was here, but its ledger is gone: restore the whole \
                             data folder from a backup"
                        .into(),
                });
            }
            create(folder, &config.origin)?;
        }
        let head = LedgerHead::of(folder);
        let opened = Ledger::open(&folder.ledger(), Options::default(), None)?;
        head.check_note(&opened, None)?;
        let ledger = opened.start(Box::new(NoProjection), 0, &mut |_, _| {})?;
        if !head.exists() && has_only_begun(&ledger)? {
            refuse_older_keys(&door)?;
        }
        if ledger.size() == 0 {
            let attestation = match door.attestation(&label)? {
                Some(attestation) => {
                    let attestation = attestation.concatenated();
                    check_attestation(parts, &configuration, &key, &attestation)?;
                    Some(blob::put(&ledger, &attestation)?)
                }
                None => None,
            };
            let mut events = vec![Event::Genesis(Genesis {
                origin: config.origin.clone(),
                mode: config.mode.as_str().to_owned(),
                timeline_shift_days: timeline.shift_days(),
                organization: config.organization.clone(),
                operator_domain: config.operator_domain.clone(),
            })];
            events.push(Event::KeyGenerated(KeyGenerated {
                label: key.label.to_string(),
                role: key.role.to_string(),
                algorithm: key.algorithm.to_string(),
                backend: backend_name(parts.backend.kind()).to_owned(),
                spki: OctetString::new(key.spki)?,
                attestation,
            }));
            for history in &parts.devices.accepted_histories {
                events.push(reconcile::checked_note(&DeviceAction {
                    device: &history.device,
                    serial: &history.serial,
                    action: "accept-history",
                    subject: "",
                    detail: &history.reason,
                })?);
            }
            if door.logs_commands_of(KeyRole::Ledger) {
                if generated {
                    events.push(reconcile::noted(&DeviceAction {
                        action: "generate",
                        subject: LEDGER_KEY_LABEL,
                        ..DeviceAction::default()
                    }));
                }
                events.push(Event::SignaturesReserved(SignaturesReserved {
                    key_label: LEDGER_KEY_LABEL.to_owned(),
                    product: Product::Checkpoint.as_str().to_owned(),
                    count: FIRST_CHECKPOINTS,
                }));
            }
            let text = toml::to_string(config).map_err(|error| Error::BadArgument {
                what: "configuration",
                reason: error.to_string(),
            })?;
            let adopt = |kind, name: &str, text: &str| documents::adopt(&ledger, kind, name, text);
            events.push(adopt(documents::CONFIGURATION, "authority", &text)?);
            events.push(adopt(
                documents::CEREMONY_SCRIPT,
                &script_name,
                documents.script,
            )?);
            events.push(adopt(documents::TIMELINE, "timeline", documents.timeline)?);
            for (name, text) in documents.profiles {
                events.push(adopt(documents::PROFILE, name, text)?);
            }
            journal::append(&ledger, &Actor::ceremony(), now, events)?;
        }
        // What a crash left between the first entries, their checkpoint and the note of it.
        if !head.exists() && has_only_begun(&ledger)? {
            let note = match ledger.latest_checkpoint() {
                Some(note) => note,
                None => {
                    // Covered by what the first entries reserve.
                    let usage = door.usage(&label, KeyRole::Ledger);
                    usage.writing().granted(0, 1);
                    let key = LedgerKey::open(Arc::new(door), label, &config.origin)?;
                    ledger.checkpoint(&key)?
                }
            };
            head.write(&note)?;
        }
        ledger.close()?;
        Ok(())
    }
}

/// Makes the ledger beside its place and moves it there, so that it is whole or not there at all.
fn create(folder: &DataFolder, origin: &str) -> Result<(), Error> {
    let beside = folder.path().join("ledger.making");
    let failed = |operation| {
        let path = beside.clone();
        move |source| FolderError::Io {
            path,
            operation,
            source,
        }
    };
    if beside.exists() {
        std::fs::remove_dir_all(&beside).map_err(failed("removing what a crash left"))?;
    }
    Ledger::create(&beside, origin, Options::default())?;
    std::fs::rename(&beside, folder.ledger()).map_err(failed("moving it to its place"))?;
    std::fs::File::open(folder.path())
        .and_then(|parent| parent.sync_all())
        .map_err(failed("moving it to its place"))?;
    Ok(())
}

/// The ledger's key is judged before the first entry: without one there is nothing to raise an alarm
/// in, and nothing is lost by refusing. In production it must verify, elsewhere where roots are.
fn check_attestation(
    parts: &Parts,
    configuration: &Configuration,
    key: &KeyInfo,
    statement: &[u8],
) -> Result<(), Error> {
    let roots = &parts.devices.attestation_roots;
    if roots.is_empty() && configuration.mode() != Mode::Production {
        return Ok(());
    }
    let attested = Attested {
        label: key.label.as_str(),
        spki: &key.spki,
        serial: None,
    };
    let facts = attestation::verify(statement, roots, &*parts.crypto, &attested)?;
    if facts.simulator && parts.backend.kind() == BackendKind::Hardware {
        return Err(attestation::AttestationError::Simulator { root: facts.root }.into());
    }
    Ok(())
}

/// CA keys are made after the first checkpoint was noted: software keys that are there before it
/// belong to an authority whose ledger was taken away. (Keys in hardware may be imported.)
fn refuse_older_keys(door: &SigningDoor) -> Result<(), Error> {
    if door.backend_kind() != BackendKind::Software {
        return Ok(());
    }
    let older = door
        .keys()?
        .into_iter()
        .find(|key| key.role != KeyRole::Ledger);
    older.map_or(Ok(()), |key| {
        Err(Error::Stopped {
            reason: format!(
                "key {} belongs to an authority whose ledger is gone: restore the whole data \
                 folder from a backup",
                key.label
            ),
        })
    })
}

/// Whether nothing has happened yet but the beginning: only then is a first checkpoint signed over
/// what is found. A longer ledger without a checkpoint has lost it.
fn has_only_begun(ledger: &Ledger) -> Result<bool, Error> {
    for index in 0..ledger.size() {
        let event = Entry::from_bytes(&ledger.entry(index)?)?.event;
        let begins = matches!(
            event,
            Event::Genesis(_)
                | Event::KeyGenerated(_)
                | Event::DocumentAdopted(_)
                | Event::DeviceActionNoted(_)
                | Event::SignaturesReserved(_)
        );
        if !begins {
            return Ok(false);
        }
    }
    Ok(true)
}
