//! The log of a device that fails on purpose.

use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

use super::fake::{FakeDevice, Fault, label};
use crate::device::{CommandLog, LogEntry, LogPage};
use crate::{DeviceName, Disposition, Error, KeyLabel};

/// A log of a few entries, with forced audit.
pub(crate) struct FakeLog {
    pub(crate) capacity: usize,
    entries: Mutex<(u16, Vec<LogEntry>)>,
    pub(crate) lose_acknowledgements: AtomicUsize,
    /// Reads that fail from now on.
    pub(crate) unreadable: AtomicUsize,
}

impl FakeLog {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            entries: Mutex::default(),
            lose_acknowledgements: AtomicUsize::new(0),
            unreadable: AtomicUsize::new(0),
        }
    }

    pub(super) fn write(&self, backend: &DeviceName) -> Result<(), Error> {
        let mut entries = self.entries.lock();
        if entries.1.len() >= self.capacity {
            return Err(Error::LogFull {
                backend: backend.to_string(),
            });
        }
        entries.0 = entries.0.wrapping_add(1);
        let number = entries.0;
        entries.1.push(LogEntry {
            number,
            command: 0x56,
            length_bytes: 0,
            session_key: 1,
            target_key: 7,
            second_key: 0xffff,
            result: 0xd6,
            tick: 0,
            digest: [0; 16],
        });
        Ok(())
    }
}

impl CommandLog for FakeDevice {
    fn read(&self) -> Result<LogPage, Error> {
        self.0.reach()?;
        let unreadable = &self.log().unreadable;
        if unreadable.load(Ordering::SeqCst) > 0 {
            unreadable.fetch_sub(1, Ordering::SeqCst);
            return Err(Error::Device {
                backend: self.0.name.to_string(),
                operation: "read log",
                reason: "an entry of an unknown command".to_owned(),
                disposition: Disposition::Stop,
            });
        }
        Ok(LogPage {
            entries: self.log().entries.lock().1.clone(),
            ..LogPage::default()
        })
    }

    fn acknowledge(&self, number: u16) -> Result<(), Error> {
        self.0.reach()?;
        let lost = &self.log().lose_acknowledgements;
        if lost.load(Ordering::SeqCst) > 0 {
            lost.fetch_sub(1, Ordering::SeqCst);
            return Err(self.0.fail(Fault::LostUnsigned, &label()));
        }
        let mut entries = self.log().entries.lock();
        entries.1.retain(|entry| entry.number > number);
        Ok(())
    }

    fn label_of(&self, target_key: u16) -> Result<Option<KeyLabel>, Error> {
        Ok((target_key == 7).then(label))
    }
}
