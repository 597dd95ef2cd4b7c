//! That the wrap key was put into a device: what was noted before, and what the device's own log says.

use std::collections::BTreeMap;

use kasane_hsm::device::LogEntry;
use kasane_ledger_schema::{DeviceActionNoted, DeviceLogDrained, Event};

use crate::Error;
use crate::authority::Authority;
use crate::reconcile::{PUT_WRAP_KEY, not_stored, succeeded};

/// The action as it is noted.
const ACTION: &str = "put-wrap-key";

/// That a wrap key was put into a device, or was about to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrapKeyPut {
    /// The device's name in the configuration.
    pub device: String,
    /// Its serial number.
    pub serial: String,
    /// The note of it: its ledger index, and which key it says. None where the device was set up
    /// before there was a ledger.
    pub noted: Option<(u64, String)>,
    /// What the device's own log shows: the ledger index of the page, and the command's number. None
    /// where no log shows it.
    pub logged: Option<(u64, u16)>,
}

/// Every one, in the order of the ledger: all that devices' logs show, whenever that was, and all
/// that was noted in the entries from `first` to before `ended`.
pub(super) fn find(
    authority: &Authority,
    first: u64,
    ended: u64,
) -> Result<Vec<WrapKeyPut>, Error> {
    let books = authority.books()?;
    let logged = books
        .devices()
        .filter_map(|it| it.commands.get(&PUT_WRAP_KEY));
    let logged: u64 = logged.sum();
    let mut found = Found::default();
    // Devices are set up early: nobody reads a long ledger to its end for this.
    let mut next = 0;
    while found.logged < logged && next < authority.ledger().size() {
        found.read(next, &authority.entry(next)?.event);
        next += 1;
    }
    for index in next.max(first)..ended {
        found.read(index, &authority.entry(index)?.event);
    }
    Ok(found.puts)
}

#[derive(Default)]
struct Found {
    puts: Vec<WrapKeyPut>,
    /// How many the logs showed.
    logged: u64,
    /// The last entry of each device's log so far.
    last: BTreeMap<String, Vec<u8>>,
}

impl Found {
    fn read(&mut self, index: u64, event: &Event) {
        match event {
            Event::DeviceActionNoted(body) if body.action == ACTION => self.note(index, body),
            Event::DeviceLogDrained(body) => self.page(index, body),
            _ => {}
        }
    }

    fn note(&mut self, index: u64, body: &DeviceActionNoted) {
        self.puts.push(WrapKeyPut {
            device: body.device.clone(),
            serial: body.serial.clone(),
            noted: Some((index, body.detail.clone())),
            logged: None,
        });
    }

    fn page(&mut self, index: u64, body: &DeviceLogDrained) {
        let (octets, _) = body.entries.as_bytes().as_chunks::<{ LogEntry::BYTES }>();
        let entries: Vec<LogEntry> = octets.iter().map(LogEntry::from_bytes).collect();
        let last = self.last.entry(body.serial.clone()).or_default();
        let new = not_stored(last, &entries);
        if let Some(entry) = new.last() {
            *last = entry.to_bytes().to_vec();
        }
        let puts = new.iter().filter(|entry| {
            entry.command == PUT_WRAP_KEY && succeeded(entry.command, entry.result)
        });
        for entry in puts {
            self.logged += 1;
            let logged = Some((index, entry.number));
            // The first note that waits is the one that this follows.
            let noted = self
                .puts
                .iter_mut()
                .find(|put| put.serial == body.serial && put.logged.is_none());
            match noted {
                Some(put) => put.logged = logged,
                None => self.puts.push(WrapKeyPut {
                    device: body.device.clone(),
                    serial: body.serial.clone(),
                    noted: None,
                    logged,
                }),
            }
        }
    }
}
