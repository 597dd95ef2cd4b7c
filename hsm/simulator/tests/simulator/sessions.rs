//! Sessions: sixteen of them, lost by silence, closed to strangers.

use std::time::Duration;

use kasane_hsm_simulator::{
    Misbehaviour, Options, Simulator, channel::AuthenticationKey, protocol::CommandCode,
};
use yubihsm::{Capability, Domain, client::ErrorKind};

use crate::{
    raw_client::{RawSession, http, post},
    support::{client, client_with, limited, simulator},
};

#[test]
fn wrong_password_is_refused() {
    let simulator = simulator();
    let error = client_with(&simulator, 1, "wrong").err().unwrap();
    assert_eq!(*error.kind(), ErrorKind::AuthenticationError);
    // A host that does not check the card's cryptogram is refused by the card: error 04.
    let created = post(
        simulator.listening().connector,
        &[3, 0, 10, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8],
    )
    .unwrap();
    let authenticate = [&[4, 0, 17, created[3]], [9; 16].as_slice()].concat();
    let answer = post(simulator.listening().connector, &authenticate).unwrap();
    assert_eq!(answer, [0x7f, 0, 1, 4]);
    // And the session is gone: error 03.
    let answer = post(simulator.listening().connector, &authenticate).unwrap();
    assert_eq!(answer, [0x7f, 0, 1, 3]);
}

#[test]
fn unknown_authentication_key_is_not_found() {
    let simulator = simulator();
    let answer = RawSession::open(&simulator, 999, "password").err().unwrap();
    assert_eq!(answer.data, [0x0b]);
}

#[test]
fn seventeenth_session_is_refused_until_one_is_closed() {
    let simulator = simulator();
    let mut sessions: Vec<_> = (0..16)
        .map(|_| RawSession::open(&simulator, 1, "password").ok().unwrap())
        .collect();
    let answer = RawSession::open(&simulator, 1, "password").err().unwrap();
    assert_eq!(answer.data, [0x05]);
    let mut closed = sessions.pop().unwrap();
    closed.command(CommandCode::CLOSE_SESSION, &[]).unwrap();
    assert_eq!(
        closed.command(CommandCode::ECHO, b"after").unwrap_err(),
        0x03
    );
    let mut again = RawSession::open(&simulator, 1, "password").ok().unwrap();
    for session in sessions.iter_mut().chain([&mut again]) {
        assert_eq!(
            session.command(CommandCode::ECHO, b"here").unwrap(),
            b"here"
        );
    }
}

#[test]
fn silent_session_is_lost_and_another_can_be_opened() {
    let simulator = Simulator::start(Options {
        session_timeout: Duration::from_millis(100),
        ..Options::default()
    })
    .unwrap();
    let mut silent = RawSession::open(&simulator, 1, "password").ok().unwrap();
    let crate_session = client(&simulator);
    while simulator.handle().status().unwrap().sessions > 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(silent.command(CommandCode::ECHO, b"x").unwrap_err(), 0x03);
    crate_session.echo(b"x".to_vec()).unwrap_err();
    let again = client(&simulator);
    assert_eq!(again.echo(b"x".to_vec()).unwrap(), b"x");
}

#[test]
fn dropped_sessions_are_invalid() {
    let simulator = simulator();
    let mut first = RawSession::open(&simulator, 1, "password").ok().unwrap();
    let mut second = RawSession::open(&simulator, 1, "password").ok().unwrap();
    let drop_first = Misbehaviour::DropSessions { session: Some(0) };
    simulator.handle().misbehave(drop_first.clone()).unwrap();
    assert_eq!(first.command(CommandCode::ECHO, b"x").unwrap_err(), 0x03);
    assert_eq!(second.command(CommandCode::ECHO, b"x").unwrap(), b"x");
    simulator.handle().misbehave(drop_first).unwrap_err();
}

#[test]
fn tampered_message_is_not_executed_and_the_session_goes_on() {
    let simulator = simulator();
    let mut session = RawSession::open(&simulator, 1, "password").ok().unwrap();
    let message = [&[5, 0, 25, 0], [7; 24].as_slice()].concat();
    let answer = post(simulator.listening().connector, &message).unwrap();
    assert_eq!(answer, [0x7f, 0, 1, 4]);
    assert_eq!(session.command(CommandCode::ECHO, b"x").unwrap(), b"x");
}

#[test]
fn own_password_can_be_changed_and_no_other() {
    let simulator = simulator();
    let client = client(&simulator);
    let may = Capability::CHANGE_AUTHENTICATION_KEY;
    limited(&client, 5, Domain::DOM1, may, Capability::empty());
    limited(&client, 6, Domain::DOM1, may, Capability::empty());
    let mut session = RawSession::open(&simulator, 5, "limited").ok().unwrap();
    let new = AuthenticationKey::from_password(b"new").octets();
    let change = |id: u8| [&[0, id, 38], new.as_slice()].concat();
    let command = CommandCode::CHANGE_AUTHENTICATION_KEY;
    assert_eq!(session.command(command, &change(6)).unwrap_err(), 0x0c);
    assert_eq!(session.command(command, &change(5)).unwrap(), [0, 5]);
    client_with(&simulator, 5, "limited").err().unwrap();
    client_with(&simulator, 5, "new").ok().unwrap();
    client_with(&simulator, 6, "limited").ok().unwrap();
}

#[test]
fn status_page_says_simulator() {
    let simulator = simulator();
    let address = simulator.listening().connector;
    let (status, page) = http(address, "GET", "/connector/status", b"").unwrap();
    assert_eq!(status, "HTTP/1.1 200 OK");
    let page = String::from_utf8(page).unwrap();
    assert!(page.starts_with("status=OK\n"), "{page}");
    assert!(page.contains("\nsimulator=1\n"), "{page}");
    assert!(
        page.contains(&format!("\nport={}\n", address.port())),
        "{page}"
    );
    let client = client(&simulator);
    let serial = client.device_info().unwrap().serial_number.to_string();
    assert_eq!(serial, simulator.listening().serial.to_string());
    assert!(simulator.listening().serial >= kasane_hsm_simulator::options::FIRST_SERIAL);
}
