//! Devices in words.

use kasane_web::control::{DeviceView, Devices, Reconciliation};

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
    text
}

pub(super) fn reconciliation(it: &Reconciliation) -> String {
    let count = |count: Option<u64>| count.map_or_else(|| "-".to_owned(), |it| it.to_string());
    let rows: Vec<_> = it
        .keys
        .iter()
        .map(|key| {
            vec![
                key.label.clone(),
                key.attempts.to_string(),
                count(key.in_device_logs),
                key.released.to_string(),
            ]
        })
        .collect();
    let mut text = table(&["key", "attempts", "in device logs", "released"], &rows);
    for refused in &it.not_drained {
        text.push_str(&format!("not read now: {refused}\n"));
    }
    for alarm in &it.alarms {
        let number = alarm
            .command_number
            .map_or_else(String::new, |number| format!(" command {number}"));
        text.push_str(&format!(
            "ALARM {}: {}{number}: {}\n",
            alarm.code, alarm.device, alarm.detail
        ));
    }
    if it.alarms.is_empty() {
        text.push_str("every signature of the devices has its recorded attempt\n");
    }
    text
}
