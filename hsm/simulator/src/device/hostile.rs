//! The way in for a fuzzer.

use std::{cell::RefCell, time::Duration};

use super::{Device, authorization::Grant};
use crate::{
    options::Options,
    protocol::{Capabilities, CommandCode, Frame},
};

thread_local! {
    /// Making a device takes a key generation: one has to do for many inputs.
    static DEVICE: RefCell<Option<Device>> = const { RefCell::new(None) };
}

/// Hands octets to a device in memory as a message, and once more as a command inside of a session
/// that may do everything. Each answer is a frame. What takes long or resets is left out: the
/// generation of keys (an import does the same to the parser), and RESET DEVICE.
///
/// # Panics
/// When an answer is no frame, which is what a fuzzer looks for.
pub fn exchange_hostile(octets: &[u8]) {
    DEVICE.with_borrow_mut(|device| {
        if device.is_none() {
            *device = Device::open(&Options {
                session_timeout: Duration::MAX,
                ..Options::default()
            })
            .ok();
        }
        if let Some(device) = device {
            exchange(device, octets);
        }
    });
}

fn exchange(device: &mut Device, octets: &[u8]) {
    device.peek(octets);
    let answer = device.process(octets);
    assert!(Frame::parse(&answer).is_ok(), "the answer is a frame");
    let Ok(frame) = Frame::parse(octets) else {
        return;
    };
    let slow = [
        CommandCode::RESET_DEVICE,
        CommandCode::GENERATE_ASYMMETRIC_KEY,
    ];
    if slow.contains(&CommandCode(frame.code)) {
        return;
    }
    let grant = Grant {
        session: 0,
        key_id: 1,
        domains: u16::MAX,
        capabilities: Capabilities::ALL,
        delegated: Capabilities::ALL,
    };
    // Whether it is executed or refused is not the question here.
    let _outcome = device.execute(&grant, &frame, None);
    // What was made is forgotten, or the store would be full soon.
    let storage = device.objects.storage();
    if storage.free_records < 8 || storage.free_pages < 64 {
        let emptied = device.reset();
        assert!(emptied.is_ok(), "a reset needs nothing");
    }
}
