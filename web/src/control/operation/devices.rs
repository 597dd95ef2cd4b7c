//! Devices that hold keys.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kasane_ca_core::reconcile::Books;
use kasane_ca_core::{Actor, Authority};
use kasane_hsm::pool::{DeviceSnapshot, DeviceState, Durations, KeyCounters, Pool};
use kasane_hsm::{BackendKind, Device, DeviceName, KeyLabel, Priority};
use sha2::{Digest, Sha256};

use crate::control::{
    AlarmAcknowledge, AlarmsAcknowledged, BucketView, Context, DeviceEnable, DeviceIdentityView,
    DeviceKeyView, DeviceSessionsView, DeviceView, Devices, DurationsView, ExitClass, KeyUsageView,
    LeftOutDevice, Problem, Reconciliation, RecordedKey, RecordedKeys,
};

/// The devices of a pool and their keys. Asks each device.
#[must_use]
pub fn describe_devices(pool: &Pool) -> Devices {
    let snapshot = pool.snapshot();
    let devices = pool.devices().filter_map(|device| {
        let counters = snapshot.device(device.name())?;
        Some(describe(device, counters))
    });
    Devices {
        devices: devices.collect(),
        queued: snapshot
            .queued
            .iter()
            .map(|(priority, count)| (priority_name(*priority).to_owned(), *count))
            .collect(),
    }
}

pub(in crate::control) fn list(context: &Context) -> Result<Devices, Problem> {
    let mut devices = describe_devices(configured(context)?);
    devices
        .devices
        .extend(context.left_out().iter().map(describe_left_out));
    Ok(devices)
}

pub(in crate::control) fn enable(
    context: &Context,
    actor: &Actor,
    order: &DeviceEnable,
) -> Result<DeviceView, Problem> {
    let pool = configured(context)?;
    let unknown = || {
        let opened = pool.devices().map(|it| it.name().to_string());
        let left_out = context.left_out().iter().map(|it| it.name.to_string());
        let names: Vec<_> = opened.chain(left_out).collect();
        let message = format!(
            "device {:?}: is not configured; there are: {}",
            order.device,
            names.join(", ")
        );
        Problem::new(ExitClass::NotFound, "device.unknown", message)
    };
    let name = DeviceName::new(order.device.as_str()).map_err(|_| unknown())?;
    if let Some(left_out) = context.left_out().iter().find(|it| it.name == name) {
        return enable_left_out(context, actor, left_out);
    }
    let device = pool.device(&name).ok_or_else(unknown)?;
    let before = pool.snapshot();
    let before = before.device(&name).ok_or_else(unknown)?;
    let before = match state(&before.state) {
        (state, Some(reason)) => format!("{state} ({reason})"),
        (state, None) => state.to_owned(),
    };
    let serial = device.identity().map(|it| it.serial).unwrap_or_default();
    // Who lets a device sign again must stand in the ledger before it signs.
    context
        .authority()
        .note_device_enabled(actor, name.as_str(), &serial, &before)?;
    forget_refusals(context, &name)?;
    pool.enable(&name).ok_or_else(unknown)?;
    // Asks it, so that the answer tells how it is.
    let snapshot = pool.snapshot();
    let counters = snapshot.device(&name).ok_or_else(unknown)?;
    Ok(describe(device, counters))
}

/// A device that is not there for this process: the next one tries it.
fn enable_left_out(
    context: &Context,
    actor: &Actor,
    left_out: &LeftOutDevice,
) -> Result<DeviceView, Problem> {
    let before = format!("left-out ({})", left_out.reason);
    context
        .authority()
        .note_device_enabled(actor, left_out.name.as_str(), "", &before)?;
    forget_refusals(context, &left_out.name)?;
    let mut view = describe_left_out(left_out);
    view.reason = Some(
        "its credential may be tried again, once: restart the service, which then opens it"
            .to_owned(),
    );
    Ok(view)
}

fn forget_refusals(context: &Context, name: &DeviceName) -> Result<(), Problem> {
    if let Some(refused) = context.refused_credentials() {
        refused.forget(name).map_err(|error| {
            let message = format!(
                "device {name}: what was noted of its refused credentials cannot be removed: {error}"
            );
            Problem::new(ExitClass::Environment, "device.refusal-noted", message)
        })?;
    }
    Ok(())
}

/// The keys that a ledger's account knows.
#[must_use]
pub fn recorded_keys(books: &Books) -> RecordedKeys {
    let keys = books.keys().filter(|key| !key.spki.is_empty());
    RecordedKeys {
        keys: keys
            .map(|key| RecordedKey {
                label: key.label.clone(),
                role: key.role.clone(),
                backend: key.backend.clone(),
                spki: hex::encode(&key.spki),
            })
            .collect(),
    }
}

/// What is known is told even when a log could not be read now.
pub(in crate::control) fn reconcile(context: &Context) -> Result<Reconciliation, Problem> {
    let authority = context.authority();
    let (report, not_read) = match authority.reconcile() {
        Ok(report) => (report, None),
        Err(error @ kasane_ca_core::Error::Signing(_)) => {
            let reason = format!("{error} [{}]", error.code());
            (authority.reconcile_report()?, Some(reason))
        }
        Err(error) => return Err(error.into()),
    };
    let away = report.logs_not_read.iter();
    let away: Vec<String> = away
        .map(|it| format!("device {}: {}", it.device, it.reason))
        .collect();
    let not_read = not_read.or_else(|| (!away.is_empty()).then(|| away.join("; ")));
    let (alarms, acknowledged) = (report.open_alarms, report.acknowledged_alarms);
    let report = serde_json::to_value(&report)
        .map_err(|error| Problem::new(ExitClass::Internal, "encoding.failed", error.to_string()))?;
    Ok(Reconciliation {
        alarms,
        acknowledged,
        not_read,
        report,
    })
}

pub(in crate::control) fn acknowledge(
    authority: &Authority,
    actor: &Actor,
    order: &AlarmAcknowledge,
) -> Result<AlarmsAcknowledged, Problem> {
    let done = authority.acknowledge_alarms(actor, &order.alarms, &order.reason)?;
    Ok(AlarmsAcknowledged {
        entry: done.entry,
        acknowledged: done.alarms,
        acknowledged_before: done.before,
        open: done.open,
    })
}

pub(super) fn configured(context: &Context) -> Result<&Arc<Pool>, Problem> {
    context.pool().ok_or_else(|| {
        let message = "no devices are configured: keys are in software";
        Problem::new(ExitClass::NotFound, "hsm.not-configured", message)
    })
}

fn describe(device: &Arc<dyn Device>, counters: &DeviceSnapshot) -> DeviceView {
    let (identity, mut problem) = match device.identity() {
        Ok(it) => {
            let identity = DeviceIdentityView {
                manufacturer: it.manufacturer,
                model: it.model,
                serial: it.serial,
                firmware: it.firmware,
            };
            (Some(identity), None)
        }
        Err(error) => (None, Some(format!("{error} [{}]", error.code()))),
    };
    let mut keys = Vec::new();
    if problem.is_none() {
        match device.keys() {
            Ok(found) => {
                keys = found
                    .iter()
                    .map(|key| DeviceKeyView {
                        label: key.label.to_string(),
                        role: key.role.to_string(),
                        algorithm: key.algorithm.to_string(),
                        device_id: device.key_id(&key.label).ok().map(hex::encode),
                        spki_sha256: hex::encode(Sha256::digest(&key.spki)),
                        signatures: counters.keys.get(&key.label).map_or(0, |it| it.signatures),
                    })
                    .collect();
            }
            Err(error) => problem = Some(format!("{error} [{}]", error.code())),
        }
    }
    let (state, reason) = state(&counters.state);
    DeviceView {
        name: device.name().to_string(),
        kind: kind_name(device.kind()).to_owned(),
        description: device.describe(),
        state: state.to_owned(),
        reason,
        identity,
        problem,
        preference: counters.preference,
        lanes: counters.lanes,
        sessions: device.sessions().map(|it| DeviceSessionsView {
            open: it.open,
            lost: it.lost,
            most: it.most,
        }),
        in_flight: counters.in_flight,
        failures: counters
            .failures
            .iter()
            .map(|(code, count)| ((*code).to_owned(), *count))
            .collect(),
        drained_log_entries: device.command_log().map(|_| counters.drained_entries),
        keys,
        usage: counters
            .keys
            .iter()
            .map(|(label, of)| usage(label, of))
            .collect(),
    }
}

fn usage(label: &KeyLabel, of: &KeyCounters) -> KeyUsageView {
    let failures = of.failures.iter();
    KeyUsageView {
        label: label.to_string(),
        signatures: of.signatures,
        late_signatures: of.late_signatures,
        wrong_signatures: of.rejections,
        failures: failures
            .map(|(code, count)| ((*code).to_owned(), *count))
            .collect(),
        queue_wait: durations(&of.queue_wait),
        service: durations(&of.service),
    }
}

fn durations(of: &Durations) -> DurationsView {
    let microseconds = |it: Duration| u64::try_from(it.as_micros()).unwrap_or(u64::MAX);
    let bounds = Durations::BOUNDS_MS.iter().copied().map(Some);
    let mut so_far = 0_u64;
    DurationsView {
        count: of.count,
        sum_microseconds: microseconds(of.sum),
        median_microseconds: of.percentile(50).map(microseconds),
        p99_microseconds: of.percentile(99).map(microseconds),
        longest_microseconds: microseconds(of.longest),
        buckets: bounds
            .chain([None])
            .zip(of.buckets)
            .map(|(at_most_milliseconds, count)| {
                so_far = so_far.saturating_add(count);
                BucketView {
                    at_most_milliseconds,
                    count: so_far,
                }
            })
            .collect(),
    }
}

fn describe_left_out(it: &LeftOutDevice) -> DeviceView {
    DeviceView {
        name: it.name.to_string(),
        kind: "not-known".to_owned(),
        description: "not opened when this process started".to_owned(),
        state: "left-out".to_owned(),
        reason: Some(it.reason.clone()),
        identity: None,
        problem: None,
        preference: it.preference,
        lanes: 0,
        sessions: None,
        in_flight: 0,
        failures: BTreeMap::new(),
        drained_log_entries: None,
        keys: Vec::new(),
        usage: Vec::new(),
    }
}

fn state(state: &DeviceState) -> (&'static str, Option<String>) {
    match state {
        DeviceState::InService => ("in-service", None),
        DeviceState::Resting => ("resting", None),
        DeviceState::Probing => ("probing", None),
        DeviceState::Disabled { reason } => ("disabled", Some(reason.clone())),
        DeviceState::Quarantined { reason } => ("quarantined", Some(reason.clone())),
    }
}

const fn kind_name(kind: BackendKind) -> &'static str {
    match kind {
        BackendKind::Hardware => "hardware",
        BackendKind::Simulator => "simulator",
        BackendKind::Software => "software",
    }
}

const fn priority_name(priority: Priority) -> &'static str {
    match priority {
        Priority::Bulk => "bulk",
        Priority::Issuance => "issuance",
        Priority::Status => "status",
        Priority::Revocation => "revocation",
    }
}
