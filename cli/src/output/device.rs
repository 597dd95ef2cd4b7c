//! Devices in words.

use kasane_web::control::{
    AlarmsAcknowledged, DeviceView, Devices, DurationsView, KeyUsageView, Reconciliation,
    RecordedKeys,
};
use serde_json::Value;

use super::table::{Fields, table};

pub(super) fn devices(it: &Devices) -> String {
    let text: Vec<_> = it.devices.iter().map(device).collect();
    text.join("\n")
}

pub(super) fn device(it: &DeviceView) -> String {
    let mut fields = Fields::default();
    let state = match &it.reason {
        Some(reason) => format!("{}: {reason}", it.state),
        None => it.state.clone(),
    };
    fields
        .add("device", format!("{} ({})", it.name, it.kind))
        .add("where", &it.description)
        .add("state", state);
    if let Some(identity) = &it.identity {
        let made = format!("{} {}", identity.manufacturer, identity.model);
        fields
            .add("made by", made.trim())
            .add("serial", &identity.serial)
            .add("firmware", &identity.firmware);
    }
    if let Some(problem) = &it.problem {
        fields.add("does not answer", problem);
    }
    fields
        .add("preference", it.preference)
        .add("lanes", it.lanes);
    if let Some(sessions) = &it.sessions {
        let lost = match sessions.lost {
            0 => String::new(),
            lost => format!(", {lost} lost"),
        };
        fields.add(
            "sessions",
            format!("{} of {} are ours{lost}", sessions.open, sessions.most),
        );
    }
    if let Some(entries) = it.drained_log_entries {
        fields.add("log entries stored", entries);
    }
    for (code, count) in &it.failures {
        fields.add(&format!("failed {code}"), count);
    }
    let rows: Vec<_> = it
        .keys
        .iter()
        .map(|key| {
            vec![
                key.label.clone(),
                key.role.clone(),
                key.algorithm.clone(),
                key.device_id.clone().unwrap_or_default(),
                key.spki_sha256.chars().take(16).collect(),
                key.signatures.to_string(),
            ]
        })
        .collect();
    let mut text = fields.into_text();
    if !rows.is_empty() {
        let head = [
            "  key",
            "role",
            "algorithm",
            "id",
            "SHA-256 of key",
            "signatures",
        ];
        let rows: Vec<_> = rows
            .into_iter()
            .map(|mut row| {
                row[0].insert_str(0, "  ");
                row
            })
            .collect();
        text.push_str(&table(&head, &rows));
    }
    text.push_str(&usage(&it.usage));
    text
}

/// What was asked of a device since the process began; nothing if it was asked nothing.
fn usage(keys: &[KeyUsageView]) -> String {
    let asked = |key: &&KeyUsageView| key.service.count > 0 || !key.failures.is_empty();
    let rows: Vec<_> = keys
        .iter()
        .filter(asked)
        .map(|key| {
            let failures = key.failures.iter();
            let failures: Vec<_> = failures
                .map(|(code, count)| format!("{count} {code}"))
                .collect();
            vec![
                format!("  {}", key.label),
                key.signatures.to_string(),
                key.late_signatures.to_string(),
                key.wrong_signatures.to_string(),
                spread(&key.queue_wait),
                spread(&key.service),
                failures.join(", "),
            ]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let head = [
        "  use",
        "signed",
        "late",
        "wrong",
        "waited 50 % / 99 % / longest",
        "took 50 % / 99 % / longest",
        "failed",
    ];
    table(&head, &rows)
}

/// `≤5 / ≤20 / 17.2 ms`
fn spread(of: &DurationsView) -> String {
    let bound = |it: Option<u64>| match it {
        Some(it) if it < of.longest_microseconds => format!("≤{}", it / 1_000),
        Some(it) => milliseconds(it),
        None => "-".to_owned(),
    };
    if of.count == 0 {
        return "-".to_owned();
    }
    format!(
        "{} / {} / {} ms",
        bound(of.median_microseconds),
        bound(of.p99_microseconds),
        milliseconds(of.longest_microseconds)
    )
}

fn milliseconds(microseconds: u64) -> String {
    format!("{}.{}", microseconds / 1_000, microseconds % 1_000 / 100)
}

pub(super) fn reconciliation(it: &Reconciliation) -> String {
    let list = |name: &str| it.report[name].as_array().cloned().unwrap_or_default();
    let columns = [
        ("key", "label"),
        ("attempts", "attempts"),
        ("in device logs", "device_signatures"),
        ("released records", "released"),
        ("lost attempts", "lost_attempts"),
    ];
    let rows: Vec<Vec<String>> = list("keys")
        .iter()
        .map(|key| columns.iter().map(|(_, name)| cell(&key[*name])).collect())
        .collect();
    let mut text = table(&columns.map(|(head, _)| head), &rows);
    for device in list("devices") {
        text.push_str(&format!(
            "device {} (serial {}): {} log entries stored, {} signatures\n",
            cell(&device["name"]),
            cell(&device["serial"]),
            cell(&device["entries"]),
            cell(&device["signatures"])
        ));
    }
    if let Some(reason) = &it.not_read {
        text.push_str(&format!("not read: {reason}\n"));
    }
    for alarm in list("alarms") {
        text.push_str(&alarm_line(&alarm));
    }
    if let Some(count) = it.report["alarms_not_listed"].as_u64()
        && count > 0
    {
        text.push_str(&format!("and {count} more, which are not listed\n"));
    }
    let acknowledged = match it.acknowledged {
        0 => String::new(),
        count => format!("; acknowledged alarms: {count}"),
    };
    match it.alarms {
        0 if list("devices").is_empty() => text.push_str(&format!(
            "no open alarm{acknowledged}; no device here keeps a log of its own: these are the \
             counts of this side\n"
        )),
        0 if it.acknowledged == 0 => text
            .push_str("no alarm: every signature in the devices' logs has its recorded attempt\n"),
        0 => text.push_str(&format!("no open alarm{acknowledged}\n")),
        count => text.push_str(&format!("OPEN ALARMS: {count}{acknowledged}\n")),
    }
    text
}

/// An alarm; and who acknowledged it, below.
fn alarm_line(alarm: &Value) -> String {
    let number = match &alarm["raised"] {
        Value::Null => String::new(),
        number => format!(" {number}"),
    };
    let command = match &alarm["number"] {
        Value::Null => String::new(),
        number => format!(" command {number}"),
    };
    let device = match (&alarm["device"], &alarm["serial"]) {
        (device, serial) if device == "" && serial == "" => String::new(),
        (device, serial) => format!(
            " device {} (serial {}){command}:",
            cell(device),
            cell(serial)
        ),
    };
    let open = alarm["open"] == true;
    let mut line = format!(
        "{}{number} {}:{device} {}\n",
        if open { "ALARM" } else { "acknowledged alarm" },
        cell(&alarm["alarm"]),
        cell(&alarm["detail"])
    );
    let by = &alarm["acknowledged"];
    if !by.is_null() {
        line.push_str(&format!(
            "    {} {} (entry {}): {}\n",
            cell(&by["by"]),
            cell(&by["time"]),
            cell(&by["entry"]),
            cell(&by["reason"])
        ));
    }
    line
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub(super) fn acknowledged(it: &AlarmsAcknowledged) -> String {
    let list = |numbers: &[u64]| {
        let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
        numbers.join(", ")
    };
    let mut fields = Fields::default();
    if let Some(entry) = it.entry {
        fields
            .add("acknowledged", list(&it.acknowledged))
            .add("ledger entry", entry);
    }
    if !it.acknowledged_before.is_empty() {
        fields.add("acknowledged before", list(&it.acknowledged_before));
    }
    fields.add("open alarms", it.open);
    fields.into_text()
}

pub(super) fn recorded(it: &RecordedKeys) -> String {
    let rows: Vec<_> = it
        .keys
        .iter()
        .map(|key| vec![key.label.clone(), key.role.clone(), key.backend.clone()])
        .collect();
    table(&["key", "role", "where"], &rows)
}
