//! Each fault does what it says, and stops when it should.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use kasane_hsm_simulator::{
    ControlAddress, Garbage, Misbehaviour, Occasion, Options, Pace, Simulator,
    protocol::{self, CommandCode, DeviceError, Frame},
};
use p384::ecdsa::signature::hazmat::PrehashVerifier;
use serde_json::{Value, json};
use yubihsm::{Capability, Client, Domain, asymmetric::Algorithm};

use crate::{
    raw_client::{RawSession, http, post},
    support::{client, label, simulator},
};

const DIGEST: [u8; 48] = [3; 48];
const SIGN: CommandCode = CommandCode::SIGN_ECDSA;

fn with_key(simulator: &Simulator) -> Client {
    let client = client(simulator);
    let may = Capability::SIGN_ECDSA;
    client
        .generate_asymmetric_key(7, label(), Domain::DOM1, may, Algorithm::EcP384)
        .unwrap();
    client
}

fn sign_data() -> Vec<u8> {
    [[0, 7].as_slice(), &DIGEST].concat()
}

const fn once(command: CommandCode) -> Occasion {
    Occasion {
        command: Some(command.0),
        count: Some(1),
    }
}

fn signatures(simulator: &Simulator) -> u64 {
    let counters = simulator.handle().status().unwrap().counters;
    counters.signatures.get(&7).copied().unwrap_or(0)
}

#[test]
fn lost_request_is_not_executed() {
    let simulator = simulator();
    let client = with_key(&simulator);
    let occasion = once(SIGN);
    simulator
        .handle()
        .misbehave(Misbehaviour::LoseRequest { occasion })
        .unwrap();
    // Another command does not use the fault up.
    client.echo(b"x".to_vec()).unwrap();
    client.sign_ecdsa_prehash_raw(7, DIGEST).unwrap_err();
    assert_eq!(signatures(&simulator), 0);
}

#[test]
fn lost_answer_was_executed() {
    let simulator = simulator();
    let client = with_key(&simulator);
    let occasion = once(SIGN);
    simulator
        .handle()
        .misbehave(Misbehaviour::LoseAnswer { occasion })
        .unwrap();
    client.sign_ecdsa_prehash_raw(7, DIGEST).unwrap_err();
    assert_eq!(signatures(&simulator), 1);
    let client = crate::support::client(&simulator);
    client.sign_ecdsa_prehash_raw(7, DIGEST).unwrap();
    assert_eq!(signatures(&simulator), 2);
}

#[test]
fn every_error_can_be_answered_and_nothing_is_executed() {
    let simulator = simulator();
    with_key(&simulator);
    for error in DeviceError::ALL {
        let mut session = RawSession::open(&simulator, 1, "password").ok().unwrap();
        let occasion = once(SIGN);
        simulator
            .handle()
            .misbehave(Misbehaviour::Refuse { error, occasion })
            .unwrap();
        let refused = session.command(SIGN, &sign_data());
        assert_eq!(refused.unwrap_err(), error.code());
        let after = session.command(SIGN, &sign_data());
        if error.is_of_the_channel() {
            assert_eq!(after.unwrap_err(), 0x03);
        } else {
            after.unwrap();
            session.command(CommandCode::CLOSE_SESSION, &[]).unwrap();
        }
    }
    let executed = DeviceError::ALL
        .iter()
        .filter(|error| !error.is_of_the_channel())
        .count();
    assert_eq!(signatures(&simulator), u64::try_from(executed).unwrap());
}

#[test]
fn next_commands_of_any_code_can_be_refused() {
    let simulator = simulator();
    let mut session = RawSession::open(&simulator, 1, "password").ok().unwrap();
    let occasion = Occasion {
        command: None,
        count: Some(2),
    };
    let error = DeviceError::StorageFailed;
    simulator
        .handle()
        .misbehave(Misbehaviour::Refuse { error, occasion })
        .unwrap();
    session.command(CommandCode::ECHO, b"1").unwrap_err();
    session
        .command(CommandCode::BLINK_DEVICE, &[1])
        .unwrap_err();
    session.command(CommandCode::ECHO, b"3").unwrap();
}

#[test]
fn each_kind_of_garbage_is_no_answer() {
    let simulator = simulator();
    with_key(&simulator);
    for kind in [
        Garbage::Noise,
        Garbage::Truncated,
        Garbage::WrongMac,
        Garbage::Empty,
        Garbage::BadGateway,
    ] {
        let client = client(&simulator);
        let before = signatures(&simulator);
        let occasion = once(SIGN);
        simulator
            .handle()
            .misbehave(Misbehaviour::Garbage { kind, occasion })
            .unwrap();
        client.sign_ecdsa_prehash_raw(7, DIGEST).unwrap_err();
        assert_eq!(signatures(&simulator), before + 1, "{kind:?}");
    }
}

#[test]
fn delay_holds_the_whole_device() {
    let simulator = simulator();
    let client = with_key(&simulator);
    let milliseconds = 150;
    let occasion = once(SIGN);
    simulator
        .handle()
        .misbehave(Misbehaviour::Delay {
            milliseconds,
            occasion,
        })
        .unwrap();
    let begun = Instant::now();
    client.sign_ecdsa_prehash_raw(7, DIGEST).unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(milliseconds));
}

#[test]
fn device_pace_takes_the_time_of_each_algorithm_one_after_the_other() {
    let simulator = Simulator::start(Options {
        pace: Pace::Device,
        ..Options::default()
    })
    .unwrap();
    with_key(&simulator);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let client = client(&simulator);
                client.sign_ecdsa_prehash_raw(7, DIGEST).unwrap();
            });
        }
    });
    assert!(begun.elapsed() >= 3 * Pace::Device.of_signature(protocol::Algorithm::P384));
    simulator.handle().misbehave(Misbehaviour::Behave).unwrap();
    client(&simulator)
        .sign_ecdsa_prehash_raw(7, DIGEST)
        .unwrap();
}

#[test]
fn wrong_key_signs_under_the_right_name() {
    let simulator = simulator();
    let client = with_key(&simulator);
    let public = client.get_public_key(7).unwrap().bytes;
    let verifies = |signature: &[u8]| {
        let point = [&[4], public.as_slice()].concat();
        let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(&point).unwrap();
        let signature = p384::ecdsa::Signature::from_der(signature).unwrap();
        key.verify_prehash(&DIGEST, &signature).is_ok()
    };
    assert!(verifies(&client.sign_ecdsa_prehash_raw(7, DIGEST).unwrap()));
    simulator
        .handle()
        .misbehave(Misbehaviour::WrongKey { object: 7 })
        .unwrap();
    assert_eq!(client.get_public_key(7).unwrap().bytes, public);
    assert!(!verifies(
        &client.sign_ecdsa_prehash_raw(7, DIGEST).unwrap()
    ));
    simulator
        .handle()
        .misbehave(Misbehaviour::WrongKey { object: 8 })
        .unwrap_err();
    simulator.handle().misbehave(Misbehaviour::Behave).unwrap();
    assert!(verifies(&client.sign_ecdsa_prehash_raw(7, DIGEST).unwrap()));
}

#[test]
fn device_that_went_away_comes_back() {
    let simulator = simulator();
    let client = with_key(&simulator);
    simulator
        .handle()
        .misbehave(Misbehaviour::GoAway {
            milliseconds: 3_600_000,
        })
        .unwrap();
    client.echo(b"x".to_vec()).unwrap_err();
    let address = simulator.listening().connector;
    http(address, "GET", "/connector/status", b"").unwrap_err();
    simulator.handle().misbehave(Misbehaviour::Behave).unwrap();
    http(address, "GET", "/connector/status", b"").unwrap();
    crate::support::client(&simulator)
        .sign_ecdsa_prehash_raw(7, DIGEST)
        .unwrap();
}

/// The pieces in which an answer to an echo arrives.
fn pieces(simulator: &Simulator) -> Vec<Vec<u8>> {
    let mut stream = TcpStream::connect(simulator.listening().connector).unwrap();
    stream
        .write_all(
            b"POST /connector/api HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\n\x01\x00\x01x",
        )
        .unwrap();
    let mut pieces = Vec::new();
    loop {
        let mut octets = [0; 4096];
        let count = stream.read(&mut octets).unwrap();
        if count == 0 {
            return pieces;
        }
        pieces.push(octets[..count].to_vec());
    }
}

#[test]
fn answer_comes_in_one_piece_unless_it_is_split() {
    let simulator = simulator();
    let whole = pieces(&simulator);
    assert_eq!(whole.len(), 1);
    assert!(whole[0].ends_with(b"\r\n\r\n\x81\x00\x01x"));
    let text = String::from_utf8_lossy(&whole[0]).into_owned();
    assert!(text.contains("\r\nContent-Length: 4\r\n"), "{text}");
    simulator
        .handle()
        .misbehave(Misbehaviour::Split { on: true })
        .unwrap();
    let split = pieces(&simulator);
    assert_eq!(split.len(), 2);
    assert!(split[0].ends_with(b"\r\n\r\n"));
    assert_eq!(split[1], b"\x81\x00\x01x");
    // What the client of the tests makes of it is why a relay is needed.
    let credentials = yubihsm::Credentials::from_password(1, b"password");
    Client::open(crate::support::connector(&simulator), credentials, false)
        .err()
        .unwrap();
}

#[test]
fn misbehaviour_from_the_start_is_there_at_the_start() {
    let error = DeviceError::SessionsFull;
    let simulator = Simulator::start(Options {
        misbehaviour: vec![Misbehaviour::Refuse {
            error,
            occasion: once(CommandCode::CREATE_SESSION),
        }],
        ..Options::default()
    })
    .unwrap();
    let refused = RawSession::open(&simulator, 1, "password").err().unwrap();
    assert_eq!(refused, Frame::error(error));
    RawSession::open(&simulator, 1, "password").ok().unwrap();
}

#[test]
fn control_takes_wishes_and_tells_the_state() {
    let simulator = Simulator::start(Options {
        control: Some("127.0.0.1:0".parse().unwrap()),
        ..Options::default()
    })
    .unwrap();
    let Some(ControlAddress::Port(control)) = simulator.listening().control else {
        panic!("control listens on a port");
    };
    let ask = |wish: &Value| {
        let (status, body) =
            http(control, "POST", "/misbehave", wish.to_string().as_bytes()).unwrap();
        (status, serde_json::from_slice::<Value>(&body).unwrap())
    };
    let client = with_key(&simulator);
    let (status, answer) = ask(&json!([
        {"do": "delay", "milliseconds": 1, "command": 86, "count": 1},
        {"do": "refuse", "error": "storage_failed", "command": 86, "count": 1},
        {"do": "split", "on": false},
        {"do": "pace", "pace": "none"},
    ]));
    assert_eq!(
        (status.as_str(), answer),
        ("HTTP/1.1 200 OK", json!({"done": true}))
    );
    client.sign_ecdsa_prehash_raw(7, DIGEST).unwrap_err();
    client.sign_ecdsa_prehash_raw(7, DIGEST).unwrap();
    ask(&json!({"do": "fill_log"}));
    let (_, body) = http(control, "GET", "/status", b"").unwrap();
    let told: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(told["simulator"], json!(true));
    assert_eq!(told["log_used"], json!(62));
    assert_eq!(told["counters"]["signatures"]["7"], json!(1));
    assert_eq!(told["counters"]["errors"]["7"], json!(1));
    for wrong in [json!({"do": "explode"}), json!({"do": "delay"}), json!(3)] {
        let (status, answer) = ask(&wrong);
        assert_eq!(status, "HTTP/1.1 400 Bad Request");
        assert!(answer["error"].is_string());
    }
    let (status, _) = ask(&json!({"do": "drop_sessions", "session": 15}));
    assert_eq!(status, "HTTP/1.1 409 Conflict");
}

#[test]
fn only_this_computer_is_served() {
    let error = Simulator::start(Options {
        listen: "0.0.0.0:0".parse().unwrap(),
        ..Options::default()
    })
    .err()
    .unwrap();
    assert_eq!(error.code(), "simulator_not_loopback");
}

#[test]
fn unknown_commands_and_pages_are_refused() {
    let simulator = simulator();
    let address = simulator.listening().connector;
    assert_eq!(post(address, &[0x20, 0, 0]).unwrap(), [0x7f, 0, 1, 1]);
    // Commands of the channel are nothing outside of it.
    assert_eq!(post(address, &[0x56, 0, 2, 0, 7]).unwrap(), [0x7f, 0, 1, 1]);
    assert_eq!(post(address, &[0x01, 0, 9, 0]).unwrap(), [0x7f, 0, 1, 8]);
    let too_long = [&[0x01, 0x0c, 0x40], [0; 0x0c40].as_slice()].concat();
    assert_eq!(post(address, &too_long).unwrap(), [0x7f, 0, 1, 8]);
    let (status, _) = http(address, "POST", "/elsewhere", b"").unwrap();
    assert_eq!(status, "HTTP/1.1 404 Not Found");
    let mut session = RawSession::open(&simulator, 1, "password").ok().unwrap();
    assert_eq!(session.command(CommandCode(0x20), &[]).unwrap_err(), 1);
}
