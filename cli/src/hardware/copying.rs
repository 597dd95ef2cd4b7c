//! Keys that go from device to device, or into files, encrypted by the device under its wrap key.

use std::sync::Arc;

use kasane_ca_core::Authority;
use kasane_hsm::device::{WrappedKey, Wrapping};
use kasane_hsm::pool::Pool;
use kasane_hsm::{Device, DeviceName, KeyInfo, KeyLabel};
use kasane_web::control::{ExitClass, Problem};

use super::{note, problem};

/// What became of one key.
#[derive(Clone, Debug)]
pub(crate) struct Copied {
    /// The key, as it is in the second device now.
    pub(crate) key: KeyInfo,
    /// It was there before.
    pub(crate) there_before: bool,
}

/// The device of that name.
pub(crate) fn device<'a>(pool: &'a Pool, name: &str) -> Result<&'a Arc<dyn Device>, Problem> {
    let found = DeviceName::new(name).ok();
    found.and_then(|name| pool.device(&name)).ok_or_else(|| {
        let names: Vec<_> = pool.devices().map(|it| it.name().to_string()).collect();
        let message = format!(
            "device {name:?}: is not configured, or could not be opened; there are: {}",
            names.join(", ")
        );
        Problem::new(ExitClass::NotFound, "device.unknown", message)
    })
}

/// What the device can do with wrapped keys.
pub(crate) fn wrapping(device: &dyn Device) -> Result<&dyn Wrapping, Problem> {
    device.wrapping().ok_or_else(|| {
        let message = format!(
            "device {}: exports and imports no keys through this program; use its vendor's tools",
            device.name()
        );
        Problem::new(ExitClass::Refused, "device.no-wrapping", message)
    })
}

/// The labels that were asked for, or those of every key in the device.
pub(crate) fn labels(device: &dyn Device, asked: &[String]) -> Result<Vec<KeyLabel>, Problem> {
    if asked.is_empty() {
        let keys = device.keys().map_err(problem)?;
        return Ok(keys.into_iter().map(|key| key.label).collect());
    }
    let read = asked.iter().map(|label| KeyLabel::new(label.as_str()));
    read.collect::<Result<_, _>>().map_err(problem)
}

/// Exports a key, noted before.
pub(crate) fn export(
    authority: &Authority,
    action: &str,
    from: &dyn Device,
    label: &KeyLabel,
    detail: &str,
) -> Result<WrappedKey, Problem> {
    note(authority, from, action, label.as_str(), detail)?;
    wrapping(from)?.export(label).map_err(problem)
}

/// Imports a key, noted before, and sees that it is the one that was exported. Not used for
/// anything: only the signing door signs, and that verifies each signature.
pub(crate) fn import(
    authority: &Authority,
    action: &str,
    to: &dyn Device,
    wrapped: &WrappedKey,
    expected_spki: &[u8],
    detail: &str,
) -> Result<Copied, Problem> {
    if let Some(key) = find(to, &wrapped.label)? {
        same(to, &key, expected_spki)?;
        return Ok(Copied {
            key,
            there_before: true,
        });
    }
    note(authority, to, action, wrapped.label.as_str(), detail)?;
    let key = wrapping(to)?.import(wrapped).map_err(problem)?;
    same(to, &key, expected_spki)?;
    Ok(Copied {
        key,
        there_before: false,
    })
}

/// Copies one key from device to device.
pub(crate) fn clone_key(
    authority: &Authority,
    pool: &Pool,
    from: &dyn Device,
    to: &dyn Device,
    label: &KeyLabel,
) -> Result<Copied, Problem> {
    let source = find(from, label)?.ok_or_else(|| {
        problem(kasane_hsm::Error::KeyNotFound {
            label: label.clone(),
            backend: from.describe(),
        })
    })?;
    if let Some(key) = find(to, label)? {
        same(to, &key, &source.spki)?;
        return Ok(Copied {
            key,
            there_before: true,
        });
    }
    // Seen before anything leaves the first device.
    wrapping(to)?;
    let detail = format!("from {} to {}", from.name(), to.name());
    let wrapped = export(authority, "clone-out", from, label, &detail)?;
    let copied = import(authority, "clone-in", to, &wrapped, &source.spki, &detail)?;
    pool.refresh(label);
    Ok(copied)
}

fn find(device: &dyn Device, label: &KeyLabel) -> Result<Option<KeyInfo>, Problem> {
    let keys = device.keys().map_err(problem)?;
    Ok(keys.into_iter().find(|key| key.label == *label))
}

fn same(device: &dyn Device, key: &KeyInfo, expected_spki: &[u8]) -> Result<(), Problem> {
    if key.spki == expected_spki {
        return Ok(());
    }
    let message = format!(
        "device {}: key {}: is another key than the one to be copied: its public key differs; it \
         must not be used",
        device.name(),
        key.label
    );
    Err(Problem::new(
        ExitClass::Integrity,
        "device.key-differs",
        message,
    ))
}
