//! Hostile octets: an answer or an error, never a panic, and the device lives on.

use std::cell::RefCell;

use kasane_hsm_simulator::{
    Options,
    device::{Device, exchange_hostile},
    protocol::{CommandCode, Frame},
};
use proptest::{prelude::*, strategy::ValueTree};

use crate::{raw_client::RawSession, support::simulator};

fn codes() -> impl Strategy<Value = u8> {
    prop_oneof![
        any::<u8>(),
        prop::sample::select(vec![
            0x42, 0x44, 0x45, 0x46, 0x47, 0x48, 0x4a, 0x4b, 0x4c, 0x4e, 0x4f, 0x55, 0x56, 0x58,
            0x5b, 0x64, 0x67, 0x6c,
        ]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn frames_that_parse_are_written_as_they_were(octets in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(frame) = Frame::parse(&octets) {
            prop_assert_eq!(frame.encode(), octets);
        }
    }

    #[test]
    fn frames_are_read_as_they_were_written(
        code in any::<u8>(),
        data in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let frame = Frame { code, data };
        prop_assert_eq!(Frame::parse(&frame.encode()).unwrap(), frame);
    }
}

#[test]
fn hostile_messages_are_answered_with_frames() {
    let device = RefCell::new(Device::open(&Options::default()).unwrap());
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let messages = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..4000),
        (0_u8..9, prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(code, data)| Frame {
            code,
            data
        }
        .encode()),
    ];
    runner
        .run(&messages, |message| {
            let mut device = device.borrow_mut();
            device.peek(&message);
            let answer = device.process(&message);
            prop_assert!(Frame::parse(&answer).is_ok());
            Ok(())
        })
        .unwrap();
}

#[test]
fn hostile_commands_in_a_session_are_answered_and_the_session_goes_on() {
    let simulator = simulator();
    let mut session = RawSession::open(&simulator, 1, "password").ok().unwrap();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let commands = (codes(), prop::collection::vec(any::<u8>(), 0..120))
        .prop_filter("what ends the session, or takes a second", |(code, _)| {
            ![0x08, 0x40].contains(code)
        });
    // A failed case would leave a closure's session behind: values are drawn, not shrunk.
    for _ in 0..1500 {
        let (code, data) = commands.new_tree(&mut runner).unwrap().current();
        let _answer = session.command(CommandCode(code), &data);
    }
    assert_eq!(session.command(CommandCode::ECHO, b"x").unwrap(), b"x");
}

#[test]
fn entry_of_the_fuzzer_takes_anything() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    runner
        .run(&prop::collection::vec(any::<u8>(), 0..200), |octets| {
            exchange_hostile(&octets);
            Ok(())
        })
        .unwrap();
}
