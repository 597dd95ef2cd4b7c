//! Logs that were changed, cut, or begun anew.

use kasane_ca_core::reconcile::alarm;
use kasane_hsm::device::{LogEntry, LogPage};
use sha2::{Digest, Sha256};

use crate::device::{Device, OURS};
use crate::world::world;

fn kinds(found: &[(String, Option<u16>)]) -> Vec<&str> {
    found.iter().map(|(kind, _)| kind.as_str()).collect()
}

#[test]
fn missing_entries_are_found() {
    let world = world();
    world.reconcile();
    for _ in 0..3 {
        world.device.rogue(0x48, 0xffff, OURS);
    }
    world.device.meddle(|state| state.entries.remove(1));
    assert_eq!(kinds(&world.alarms()), [alarm::LOG_GAP]);
}

#[test]
fn entries_drained_by_somebody_else_are_found() {
    let world = world();
    world.reconcile();
    world.device.rogue(0x56, world.device.id("root-ecc"), OURS);
    world.device.meddle(|state| state.entries.clear());
    world.device.rogue(0x48, 0xffff, OURS);
    assert_eq!(kinds(&world.alarms()), [alarm::LOG_GAP]);
}

#[test]
fn changed_entry_is_found() {
    let world = world();
    world.reconcile();
    world.device.rogue(0x56, world.device.id("root-ecc"), OURS);
    world.device.rogue(0x48, 0xffff, OURS);
    world.device.meddle(|state| {
        state.entries[0].command = 0x48;
        state.entries[0].result = 0xc8;
    });
    assert_eq!(kinds(&world.alarms()), [alarm::LOG_CHAIN_BROKEN]);
}

#[test]
fn starts_that_a_full_log_could_not_take_are_found_once() {
    let world = world();
    world.device.meddle(|state| state.unlogged_boots = 2);
    assert_eq!(kinds(&world.alarms()), [alarm::UNLOGGED_BOOTS]);
    assert_eq!(world.alarms().len(), 1);
    world.device.meddle(|state| state.unlogged_boots = 3);
    assert_eq!(world.alarms().len(), 2);
}

#[test]
fn reset_is_found() {
    let world = world();
    world.reconcile();
    world.device.meddle(|state| {
        let first = LogEntry {
            number: 1,
            command: 0xff,
            digest: [0; 16],
            ..state.last
        };
        state.entries.push(first);
        state.last = first;
    });
    assert_eq!(kinds(&world.alarms()), [alarm::DEVICE_RESET]);
}

#[test]
fn numbers_go_on_after_the_last_one() {
    let world = world();
    world.reconcile();
    // 65,536 entries are long drained in pages; only the wrap itself is of interest.
    for _ in 0..u16::MAX {
        world.device.rogue(0x48, 0xffff, OURS);
    }
    world.issue().unwrap();
    assert_eq!(world.reconcile().alarms, []);
}

#[test]
fn log_that_does_not_begin_at_its_beginning_is_found_unless_noted() {
    use kasane_ca_core::Actor;
    use kasane_ca_core::authority::DeviceAction;
    use kasane_hsm::DeviceName;

    let world = world();
    let page = |number| LogPage {
        entries: vec![LogEntry {
            number,
            command: 0x46,
            length_bytes: 0,
            session_key: OURS,
            target_key: 1,
            second_key: 0xffff,
            result: 0xc6,
            tick: 0,
            digest: [7; 16],
        }],
        ..LogPage::default()
    };
    let note = DeviceAction {
        device: "hsm-b",
        serial: "222",
        action: "commission",
        ..DeviceAction::default()
    };
    world
        .authority
        .note_device_action(&Actor::system(), &note)
        .unwrap();
    let sink = world.authority.device_log_sink().unwrap();
    let name = DeviceName::new("hsm-b").unwrap();
    let mut new = page(2);
    let first = world.device.meddle(|state| state.last);
    new.entries.insert(
        0,
        LogEntry {
            number: 1,
            command: 0xff,
            digest: [0; 16],
            ..first
        },
    );
    // The second entry follows from the first as a device's would.
    let mut hash = Sha256::new();
    hash.update(&new.entries[1].to_bytes()[..16]);
    hash.update(new.entries[0].digest);
    new.entries[1]
        .digest
        .copy_from_slice(&hash.finalize()[..16]);
    sink.store_page(&name, "111", &new, &[]).unwrap();
    sink.store_page(&name, "222", &page(40), &[]).unwrap();
    let report = world.reconcile();
    assert_eq!(report.alarms, []);
    for serial in ["111", "222"] {
        let device = report.devices.iter().find(|it| it.serial == serial);
        assert_eq!(
            device.unwrap().commissioning[0].command,
            "generate asymmetric key"
        );
    }
    sink.store_page(&name, "333", &page(40), &[]).unwrap();
    let found = world.alarms();
    assert_eq!(
        kinds(&found),
        [alarm::LOG_BEGINS_LATE, alarm::COMMAND_NOT_NOTED]
    );
    sink.store_page(&Device::name(), "", &page(1), &[])
        .unwrap_err();
}
