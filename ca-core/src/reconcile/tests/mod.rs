//! Rules of the account that need no authority.

use der::asn1::OctetString;
use kasane_hsm::device::LogEntry;
use kasane_ledger_schema::{
    DeviceActionNoted, DeviceLogDrained, Entry, Event, KeyGenerated, KeyImported, LoggedKey,
    SignaturesCounted, SignaturesReserved,
};
use sha2::{Digest, Sha256};

use super::*;

mod acknowledged;

#[test]
fn every_code_has_one_meaning_and_signatures_are_the_four() {
    let signing: Vec<u8> = (0..=0xff)
        .filter(|code| class(*code) == Class::Signs)
        .collect();
    assert_eq!(signing, [0x47, 0x55, 0x56, 0x6a]);
    for code in [
        0x42, 0x44, 0x45, 0x46, 0x4a, 0x4b, 0x4c, 0x4f, 0x58, 0x64, 0x6c, 0x08,
    ] {
        assert_eq!(class(code), Class::MustBeNoted, "0x{code:02x}");
    }
    // Uses of a key that are no signature of ours, and codes that nobody knows yet.
    for code in [0x49, 0x53, 0x57, 0x59, 0x5d, 0x68, 0x69, 0x70, 0x77, 0x7e] {
        assert_eq!(class(code), Class::MustBeNoted, "0x{code:02x}");
    }
}

#[test]
fn every_action_but_enabling_explains_commands_that_must_be_noted() {
    for (action, commands) in ACTIONS {
        assert_eq!(commands.is_empty(), *action == ENABLE, "{action}");
        for (code, count) in *commands {
            assert!(*count > 0, "{action}");
            assert!(
                matches!(class(*code), Class::MustBeNoted | Class::Reset),
                "{action} 0x{code:02x}"
            );
        }
    }
}

fn next(last: Option<&LogEntry>, command: u8) -> LogEntry {
    let mut entry = LogEntry {
        number: last.map_or(1, |last| last.number.wrapping_add(1)),
        command,
        length_bytes: 0,
        session_key: 2,
        target_key: 0x10,
        second_key: 0xffff,
        result: command | 0x80,
        tick: 0,
        digest: [0; 16],
    };
    if let Some(last) = last {
        let mut hash = Sha256::new();
        hash.update(&entry.to_bytes()[..16]);
        hash.update(last.digest);
        entry.digest.copy_from_slice(&hash.finalize()[..16]);
    }
    entry
}

fn log(commands: &[u8]) -> Vec<LogEntry> {
    let mut entries: Vec<LogEntry> = Vec::new();
    for command in commands {
        entries.push(next(entries.last(), *command));
    }
    entries
}

fn drained(entries: &[LogEntry]) -> Event {
    let octets: Vec<u8> = entries.iter().flat_map(LogEntry::to_bytes).collect();
    Event::DeviceLogDrained(DeviceLogDrained {
        device: "hsm-a".into(),
        serial: "1".into(),
        unlogged_boots: 0,
        unlogged_authentications: 0,
        entries: OctetString::new(octets).unwrap(),
        keys: vec![LoggedKey {
            id: 0x10,
            label: "k".into(),
        }],
    })
}

fn generated() -> Event {
    Event::KeyGenerated(KeyGenerated {
        label: "k".into(),
        role: "ledger".into(),
        algorithm: "ed25519".into(),
        backend: "hardware".into(),
        spki: OctetString::new(vec![1]).unwrap(),
        attestation: None,
    })
}

fn imported() -> Event {
    Event::KeyImported(KeyImported {
        label: "k".into(),
        role: "ledger".into(),
        algorithm: "ed25519".into(),
        backend: "hardware".into(),
        spki: OctetString::new(vec![1]).unwrap(),
        attestation: None,
    })
}

fn reserved(count: u64) -> Event {
    Event::SignaturesReserved(SignaturesReserved {
        key_label: "k".into(),
        product: "checkpoint".into(),
        count,
    })
}

fn counted(count: u64) -> Event {
    Event::SignaturesCounted(SignaturesCounted {
        key_label: "k".into(),
        product: "checkpoint".into(),
        count,
    })
}

fn noted(action: &str, subject: &str) -> Event {
    Event::DeviceActionNoted(DeviceActionNoted {
        device: "hsm-a".into(),
        serial: "1".into(),
        action: action.into(),
        subject: subject.into(),
        detail: String::new(),
    })
}

pub(super) fn entry(time: i64, event: &Event) -> Entry {
    Entry {
        time,
        actor: "operator/test".into(),
        event: event.clone(),
    }
}

/// Applies events, each with its time.
fn at_times(events: &[(i64, Event)]) -> Books {
    let mut books = Books::default();
    for (index, (time, event)) in (0..).zip(events) {
        books.apply(index, &entry(*time, event), None);
    }
    books
}

fn after(events: &[Event]) -> Books {
    let mut books = Books::default();
    for (index, event) in (0..).zip(events) {
        books.apply(index, &entry(1_000, event), None);
    }
    books
}

fn kinds(books: &Books) -> Vec<&str> {
    let findings = books.findings().iter();
    findings.map(|finding| finding.alarm.as_str()).collect()
}

#[test]
fn what_an_imported_key_signed_before_it_was_ours_is_nobodys_fault() {
    let entries = log(&[0xff, 0x47, 0x47, 0x47]);
    let books = after(&[imported(), drained(&entries)]);
    assert_eq!(kinds(&books), [] as [&str; 0]);
    assert_eq!(books.key("k").unwrap().before, 3);
    // A key that was made here has no past, and later pages are no past either.
    let books = after(&[generated(), drained(&entries)]);
    assert_eq!(kinds(&books), [alarm::SIGNATURE_WITHOUT_ATTEMPT; 3]);
    let books = after(&[imported(), drained(&entries[..2]), drained(&entries[2..])]);
    assert_eq!(kinds(&books), [alarm::SIGNATURE_WITHOUT_ATTEMPT; 2]);
}

#[test]
fn reservation_covers_signatures_until_it_is_given_back() {
    let entries = log(&[0xff, 0x6a, 0x6a, 0x6a]);
    let books = after(&[generated(), reserved(3), drained(&entries)]);
    assert_eq!(kinds(&books), [] as [&str; 0]);
    let books = after(&[
        generated(),
        reserved(3),
        counted(2),
        reserved(0),
        drained(&entries),
    ]);
    assert_eq!(kinds(&books), [alarm::SIGNATURE_WITHOUT_ATTEMPT]);
    // Another block takes the place of the first; what was counted stays.
    let books = after(&[generated(), reserved(3), counted(2), reserved(5)]);
    assert_eq!(books.key("k").unwrap().attempts(), 7);
}

#[test]
fn page_that_comes_again_counts_once() {
    let entries = log(&[0xff, 0x6a, 0x48, 0x6a]);
    let events = [
        generated(),
        reserved(2),
        drained(&entries[..3]),
        drained(&entries),
        drained(&entries[1..]),
    ];
    let books = after(&events);
    assert_eq!(kinds(&books), [] as [&str; 0]);
    assert_eq!(books.key("k").unwrap().device_signatures, 2);
    assert_eq!(books.device("1").unwrap().entries, 4);
}

#[test]
fn rows_that_were_kept_go_on_as_if_nothing_had_been() {
    let entries = log(&[0xff, 0x6a, 0x4a, 0x6a, 0x6a, 0x4f]);
    let events = [
        generated(),
        reserved(1),
        drained(&entries[..2]),
        drained(&entries[2..4]),
        drained(&entries[4..]),
    ];
    let whole = after(&events);
    let mut books = after(&events[..3]);
    books = Books::from_rows(
        books.keys().cloned().collect(),
        ["", "1"]
            .iter()
            .filter_map(|serial| books.device(serial).cloned())
            .collect(),
        books.findings().to_vec(),
    );
    for (index, event) in (3..).zip(&events[3..]) {
        books.apply(index, &entry(1_000, event), None);
    }
    let context = Context::default();
    assert_eq!(report(&books, 5, &context), report(&whole, 5, &context));
    assert_eq!(kinds(&whole).len(), 4);
}

#[test]
fn octets_that_are_no_log_are_found_and_never_a_panic() {
    let Event::DeviceLogDrained(mut page) = drained(&log(&[0xff, 0x6a])) else {
        unreachable!()
    };
    page.entries = OctetString::new(vec![0xff; 77]).unwrap();
    page.serial = String::new();
    let books = after(&[generated(), Event::DeviceLogDrained(page)]);
    assert!(kinds(&books).contains(&alarm::LOG_MALFORMED));
}

#[test]
fn device_that_a_key_was_cloned_into_may_not_let_it_out() {
    let entries = log(&[0xff, 0x4b, 0x64, 0x4a]);
    let books = after(&[
        generated(),
        drained(&entries[..1]),
        noted("clone-in", "k"),
        drained(&entries[1..]),
    ]);
    assert_eq!(kinds(&books), [alarm::COMMAND_NOT_NOTED]);
    assert_eq!(books.findings()[0].number, Some(4));
}

#[test]
fn note_of_what_was_never_done_is_retired_once_every_log_was_read_later() {
    let entries = log(&[0xff, 0x4a]);
    let after_readings_at = |began: i64| {
        at_times(&[
            (0, generated()),
            (0, drained(&entries[..1])),
            (1_000, noted("backup", "k")),
            (began, noted(RECONCILE_BEGUN, "")),
            // However long the reading takes.
            (began + 5_000, noted(RECONCILED, "")),
            (began + 5_001, drained(&entries[1..])),
        ])
    };
    assert_eq!(kinds(&after_readings_at(1_899)), [] as [&str; 0]);
    assert_eq!(kinds(&after_readings_at(1_900)), [alarm::COMMAND_NOT_NOTED]);
    // A reading that came to no end retires nothing.
    let books = at_times(&[
        (0, generated()),
        (0, drained(&entries[..1])),
        (1_000, noted("backup", "k")),
        (9_000, noted(RECONCILE_BEGUN, "")),
        (9_001, drained(&entries[1..])),
    ]);
    assert_eq!(kinds(&books), [] as [&str; 0]);
}

#[test]
fn note_about_a_key_explains_no_export_of_an_object_that_nobody_knows() {
    let mut entries = log(&[0xff]);
    for command in [0x46, 0x4a] {
        let mut entry = next(entries.last(), command);
        entry.target_key = 0x77;
        entries.push(entry);
    }
    let books = after(&[
        generated(),
        drained(&entries[..1]),
        noted("generate", "new"),
        noted("backup", "k"),
        drained(&entries[1..]),
    ]);
    // The chain is broken by the changed target; only the notes matter here.
    let not_noted = books.findings().iter();
    let not_noted = not_noted.filter(|it| it.alarm == alarm::COMMAND_NOT_NOTED);
    let numbers: Vec<_> = not_noted.map(|it| it.number).collect();
    assert_eq!(numbers, [Some(3)]);
}

#[test]
fn log_whose_numbers_wrapped_is_no_new_device() {
    let mut wrapped = next(None, 0x4a);
    wrapped.digest = [7; 16];
    let books = after(&[generated(), drained(&[wrapped])]);
    assert_eq!(
        kinds(&books),
        [alarm::LOG_BEGINS_LATE, alarm::COMMAND_NOT_NOTED]
    );
}
