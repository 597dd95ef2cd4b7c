//! Findings: so many are listed, and open until somebody has looked at them.

use kasane_ledger_schema::{DeviceAlarmRaised, DeviceAlarmsAcknowledged};

use super::*;

#[test]
fn findings_are_bounded_and_the_rest_is_counted() {
    let mut commands = vec![0xff];
    commands.extend(std::iter::repeat_n(0x4a, 5_000));
    let entries = log(&commands);
    let mut events = vec![generated(), drained(&entries[..1])];
    events.extend(entries[1..].chunks(500).map(drained));
    let books = after(&events);
    assert_eq!(books.findings().len(), 4_097);
    assert_eq!(books.findings()[4_096].alarm, alarm::MORE);
    let report = report(&books, 0, &Context::default());
    assert_eq!(report.alarms_not_listed, 5_000 - 4_096);
}

/// The alarm of a finding, as it is raised.
fn raised(finding: &Finding) -> Event {
    Event::DeviceAlarmRaised(DeviceAlarmRaised {
        device: finding.device.clone(),
        serial: finding.serial.clone(),
        alarm: finding.alarm.clone(),
        detail: finding.detail.clone(),
        number: finding.number,
    })
}

fn acknowledged(alarms: &[u64], reason: &str) -> Event {
    Event::DeviceAlarmsAcknowledged(DeviceAlarmsAcknowledged {
        alarms: alarms.to_vec(),
        reason: reason.into(),
    })
}

#[test]
fn alarm_is_open_until_it_is_acknowledged_and_the_first_acknowledgement_stands() {
    let entries = log(&[0xff, 0x4a, 0x4f]);
    let mut events = vec![generated(), drained(&entries[..1]), drained(&entries[1..])];
    let found: Vec<Event> = after(&events).findings().iter().map(raised).collect();
    events.extend(found);
    let open = |books: &Books| report(books, 0, &Context::default()).open_alarms;
    assert_eq!(open(&after(&events)), 2);
    // Numbers that are no alarm's change nothing.
    events.push(acknowledged(&[0, 2, 77], "nonsense"));
    assert_eq!(open(&after(&events)), 2);
    events.push(acknowledged(&[4], "the export was ordered"));
    assert_eq!(open(&after(&events)), 1);
    events.push(acknowledged(&[3, 4], "both looked at"));
    let books = after(&events);
    assert_eq!(open(&books), 0);
    let acknowledgement = |at: usize| books.findings()[at].acknowledged.clone().unwrap();
    assert_eq!(acknowledgement(0).reason, "both looked at");
    let first = Acknowledgement {
        index: 6,
        time: 1_000,
        actor: "operator/test".into(),
        reason: "the export was ordered".into(),
    };
    assert_eq!(acknowledgement(1), first);
    assert_eq!(
        report(&books, 0, &Context::default()).acknowledged_alarms,
        2
    );
}

#[test]
fn what_is_not_listed_is_open_again_when_more_comes() {
    let mut commands = vec![0xff];
    commands.extend(std::iter::repeat_n(0x4a, 4_100));
    let entries = log(&commands);
    let mut events = vec![generated(), drained(&entries[..1])];
    events.extend(entries[1..4_100].chunks(500).map(drained));
    let found = after(&events);
    let more = found.findings().last().unwrap();
    assert_eq!(more.alarm, alarm::MORE);
    let at = events.len() as u64;
    events.extend([raised(more), acknowledged(&[at], "all of one attack")]);
    let is_open = |events: &[Event]| {
        let books = after(events);
        books.is_open(books.findings().last().unwrap())
    };
    assert!(!is_open(&events));
    events.push(drained(&entries[4_100..]));
    assert!(is_open(&events));
    events.push(acknowledged(&[at], "of the same attack"));
    assert!(!is_open(&events));
}

#[test]
fn more_findings_is_raised_also_when_the_first_of_them_was_raised_by_itself() {
    let mut commands = vec![0xff];
    commands.extend(std::iter::repeat_n(0x4a, 4_096));
    let entries = log(&commands);
    let mut events = vec![generated(), drained(&entries[..1])];
    events.extend(entries[1..].chunks(500).map(drained));
    events.push(Event::DeviceAlarmRaised(DeviceAlarmRaised {
        device: "hsm-a".into(),
        serial: "1".into(),
        alarm: alarm::WRONG_SIGNATURE.into(),
        detail: "key k".into(),
        number: None,
    }));
    let books = after(&events);
    let more = books.findings().last().unwrap();
    assert_eq!((more.alarm.as_str(), more.raised), (alarm::MORE, None));
    assert_eq!(books.device("").unwrap().not_raised, 4_097);
}
