//! Reads a device's log, has it stored, and lets the device overwrite it.

use std::collections::BTreeSet;

use super::SinkError;
use super::inner::Inner;
use crate::device::{CommandLog, LogPage};
use crate::{Device, DeviceIdentity, Error, KeyLabel};

/// What stands in a log where a command used no object.
const NO_OBJECT: u16 = 0xffff;

/// Drains once; gives how many entries were stored and acknowledged. A crash in between leaves the
/// entries in the device, and they come again. No lock is held here.
pub(super) fn drain(
    inner: &Inner,
    index: usize,
    device: &dyn Device,
) -> Result<Result<usize, SinkError>, Error> {
    let (Some(log), sink) = (device.command_log(), inner.sink.read().clone()) else {
        return Ok(Ok(0));
    };
    let Some(sink) = sink else {
        return Ok(Err(SinkError {
            reason: "no sink is set".to_owned(),
        }));
    };
    let page = log.read()?;
    let Some(last) = page.entries.last() else {
        return Ok(Ok(0));
    };
    let identity = identity(inner, index, device)?;
    let labels = labels(inner, index, log, &page)?;
    if let Err(error) = sink.store(device.name(), &identity, &page, &labels) {
        return Ok(Err(error));
    }
    log.acknowledge(last.number)?;
    tracing::debug!(device.name = %device.name(), entries = page.entries.len(), last = last.number, "command log drained");
    Ok(Ok(page.entries.len()))
}

fn identity(inner: &Inner, index: usize, device: &dyn Device) -> Result<DeviceIdentity, Error> {
    if let Some(identity) = inner.state.lock().entries[index].identity.clone() {
        return Ok(identity);
    }
    let identity = device.identity()?;
    inner.state.lock().entries[index].identity = Some(identity.clone());
    Ok(identity)
}

fn labels(
    inner: &Inner,
    index: usize,
    log: &dyn CommandLog,
    page: &LogPage,
) -> Result<Vec<(u16, KeyLabel)>, Error> {
    let targets: BTreeSet<u16> = page
        .entries
        .iter()
        .flat_map(|entry| [entry.target_key, entry.second_key])
        .filter(|target| *target != NO_OBJECT)
        .collect();
    let mut labels = Vec::new();
    for target in targets {
        let cached = inner.state.lock().entries[index]
            .labels
            .get(&target)
            .cloned();
        let label = match cached {
            Some(label) => Some(label),
            None => match log.label_of(target) {
                // A device whose log is full may answer nothing but reads of the log: better
                // entries without a name than a device that stands still.
                Err(Error::LogFull { .. }) => None,
                answer => answer?,
            },
        };
        if let Some(label) = label {
            let kept = label.clone();
            inner.state.lock().entries[index]
                .labels
                .insert(target, kept);
            labels.push((target, label));
        }
    }
    Ok(labels)
}
