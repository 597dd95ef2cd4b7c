//! The device's own log, read and acknowledged by its reader's credential.

use std::time::Instant;

use yubihsm::object::Type;

use super::core::COMMAND;
use super::device::YubiHsmDevice;
use super::fault::Fault;
use super::lane::Who;
use crate::device::{CommandLog, LogEntry, LogPage};
use crate::{Error, KeyLabel};

/// The sum that the crate takes an octet from when it does not know it as an answer's code
/// (`response/code.rs` of yubihsm 0.42.1): so it reads `0b`, a device's error, as `6a`.
const MIRROR: u8 = 0x75;

impl CommandLog for YubiHsmDevice {
    fn read(&self) -> Result<LogPage, Error> {
        // Objects may have changed since the last page.
        self.core.labels.lock().clear();
        let page = self.core.on_device(
            Who::Audit,
            "read log",
            Instant::now() + COMMAND,
            |session| session.client.get_log_entries(),
        )?;
        // The crate stops without a word at the first entry whose command it does not know.
        if usize::from(page.num_entries) != page.entries.len() {
            return Err(self.core.refuse(
                "read log",
                format!(
                    "entry {} of {} is of a command that this program does not know",
                    page.entries.len() + 1,
                    page.num_entries
                ),
            ));
        }
        let mut entries: Vec<LogEntry> = Vec::with_capacity(page.entries.len());
        for entry in &page.entries {
            let entry = LogEntry {
                number: entry.item,
                command: entry.cmd.to_u8(),
                length_bytes: entry.length,
                session_key: entry.session_key,
                target_key: entry.target_key,
                second_key: entry.second_key,
                result: entry.result.to_u8(),
                tick: entry.tick,
                digest: entry.digest.0,
            };
            let entry = as_logged(entry, entries.last());
            entries.push(entry);
        }
        Ok(LogPage {
            unlogged_boots: page.unlogged_boot_events,
            unlogged_authentications: page.unlogged_auth_events,
            entries,
        })
    }

    fn acknowledge(&self, number: u16) -> Result<(), Error> {
        self.core.on_device(
            Who::Audit,
            "acknowledge log",
            Instant::now() + COMMAND,
            |session| session.client.set_log_index(number),
        )
    }

    /// Asks the device once for each key of a page.
    fn label_of(&self, target_key: u16) -> Result<Option<KeyLabel>, Error> {
        if let Some(label) = self.core.labels.lock().get(&target_key) {
            return Ok(label.clone());
        }
        let looked = self.core.lane.run(
            Who::Audit,
            "look at key",
            Instant::now() + COMMAND,
            |session| {
                session
                    .client
                    .get_object_info(target_key, Type::AsymmetricKey)
            },
        );
        let label = match looked {
            Ok(info) => self.core.name_of(&info).map(|(label, _)| label),
            Err(Fault::NotFound) => None,
            Err(fault) => return Err(fault.plain(&self.core.backend, "look at key")),
        };
        self.core.labels.lock().insert(target_key, label.clone());
        Ok(label)
    }
}

/// The entry with its result as the device wrote it, which the chain of digests tells: the crate
/// reads two different octets as the same error.
fn as_logged(entry: LogEntry, previous: Option<&LogEntry>) -> LogEntry {
    if entry.result > MIRROR {
        return entry;
    }
    let mirrored = LogEntry {
        result: MIRROR - entry.result,
        ..entry
    };
    match previous {
        Some(previous) if entry.follows(previous) => entry,
        // Devices write small error codes; the crate's own are the mirror.
        _ => mirrored,
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    fn after(previous: &LogEntry, result: u8) -> LogEntry {
        let mut entry = LogEntry {
            number: previous.number.wrapping_add(1),
            result,
            ..*previous
        };
        let mut hash = Sha256::new();
        hash.update(&entry.to_bytes()[..16]);
        hash.update(previous.digest);
        entry.digest.copy_from_slice(&hash.finalize()[..16]);
        entry
    }

    #[test]
    fn result_that_the_crate_cannot_tell_apart_is_found_by_the_chain() {
        let first = LogEntry {
            number: 7,
            command: 0x56,
            length_bytes: 34,
            session_key: 2,
            target_key: 3,
            second_key: u16::MAX,
            result: 0xd6,
            tick: 9,
            digest: [1; 16],
        };
        for raw in [0x00, 0x09, 0x0b, 0x11, 0x6c, 0x75, 0x7f, 0xd6] {
            let logged = after(&first, raw);
            // What the crate reads.
            let read = yubihsm_reads(raw);
            let found = as_logged(
                LogEntry {
                    result: read,
                    ..logged
                },
                Some(&first),
            );
            assert_eq!(found, logged, "{raw:02x} read as {read:02x}");
        }
    }

    /// As `response::Code` is deserialised and written back.
    fn yubihsm_reads(raw: u8) -> u8 {
        use yubihsm::response::Code;
        Code::from_u8(raw)
            .or_else(|_| Code::from_u8(MIRROR - raw))
            .unwrap()
            .to_u8()
    }
}
