//! The log: complete, chained, and never overrun when it must not be.

use kasane_hsm_simulator::{
    Firmware, Misbehaviour, Options, Simulator,
    log::LogEntry,
    protocol::{CommandCode, ObjectType},
};
use sha2::{Digest, Sha256};
use yubihsm::{
    AuditOption, Capability, Client, Domain, asymmetric::Algorithm, command::Code, response,
};

use crate::{
    raw_client::RawSession,
    support::{client, label, simulator},
};

const DIGEST: [u8; 48] = [3; 48];

/// The firmware that logs from the start.
fn logging_simulator() -> Simulator {
    Simulator::start(Options {
        firmware: Firmware(2, 2, 0),
        ..Options::default()
    })
    .unwrap()
}

fn with_key(simulator: &Simulator) -> Client {
    let client = client(simulator);
    let may = Capability::SIGN_ECDSA;
    client
        .generate_asymmetric_key(7, label(), Domain::DOM1, may, Algorithm::EcP384)
        .unwrap();
    client
}

/// Unlogged boots and authentications, and the lines.
fn read(session: &mut RawSession) -> (u16, u16, Vec<LogEntry>) {
    let data = session.command(CommandCode::GET_LOG_ENTRIES, &[]).unwrap();
    let number = |at: usize| u16::from_be_bytes([data[at], data[at + 1]]);
    let entries: Vec<_> = data[5..]
        .chunks(LogEntry::BYTES)
        .map(|octets| LogEntry::parse(octets).unwrap())
        .collect();
    assert_eq!(usize::from(data[4]), entries.len());
    (number(0), number(2), entries)
}

/// Each line is numbered and chained behind the one before; the first one behind `before`.
fn assert_chained(mut before: Option<LogEntry>, entries: &[LogEntry]) {
    for entry in entries {
        if let Some(before) = before {
            assert_eq!(entry.number, before.number.wrapping_add(1));
            let mut hash = Sha256::new();
            hash.update(&entry.encode()[..16]);
            hash.update(before.digest);
            assert_eq!(hash.finalize()[..16], entry.digest);
        }
        before = Some(*entry);
    }
}

#[test]
fn first_lines_are_reset_and_boot() {
    for firmware in [Firmware(2, 2, 0), Firmware(2, 4, 0)] {
        let simulator = Simulator::start(Options {
            firmware,
            ..Options::default()
        })
        .unwrap();
        let mut session = RawSession::open(&simulator, 1, "password").ok().unwrap();
        let (_, _, entries) = read(&mut session);
        assert_eq!(
            entries[0].facts(),
            [[0, 1].as_slice(), &[0xff; 14]].concat()[..]
        );
        let boot = [0, 2, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(entries[1].facts(), boot);
        assert_chained(None, &entries);
        // Later firmware logs nothing before it is told to.
        let commands: Vec<_> = entries[2..].iter().map(|entry| entry.command).collect();
        if firmware < Firmware(2, 3, 1) {
            assert_eq!(commands, [0x03, 0x04]);
        } else {
            assert!(commands.is_empty());
        }
    }
}

#[test]
fn each_line_says_what_was_done() {
    let simulator = logging_simulator();
    let client = with_key(&simulator);
    client.sign_ecdsa_prehash_raw(7, DIGEST).unwrap();
    client.sign_ecdsa_prehash_raw(8, DIGEST).unwrap_err();
    let mut session = RawSession::open(&simulator, 1, "password").ok().unwrap();
    let (_, _, entries) = read(&mut session);
    let lines: Vec<_> = entries
        .iter()
        .map(|entry| {
            (
                entry.command,
                entry.length,
                entry.session_key,
                entry.target_key,
                entry.result,
            )
        })
        .collect();
    assert_eq!(
        lines[2..],
        [
            (0x03, 10, 0xffff, 1, 0x83),
            (0x04, 17, 0xffff, 1, 0x84),
            (0x46, 53, 1, 7, 0xc6),
            (0x56, 50, 1, 7, 0xd6),
            (0x56, 50, 1, 8, 0x0b),
            (0x03, 10, 0xffff, 1, 0x83),
            (0x04, 17, 0xffff, 1, 0x84),
        ]
    );
}

#[test]
fn chain_holds_over_62_lines_and_over_many_drains() {
    let simulator = logging_simulator();
    let client = with_key(&simulator);
    let mut session = RawSession::open(&simulator, 1, "password").ok().unwrap();
    let mut last = None;
    let mut signatures = 0;
    for round in 0..30 {
        for _ in 0..(round * 7) % 59 {
            client.sign_ecdsa_prehash_raw(7, DIGEST).unwrap();
            signatures += 1;
        }
        let (_, _, entries) = read(&mut session);
        assert_chained(last, &entries);
        signatures -= entries.iter().filter(|entry| entry.command == 0x56).count();
        assert_eq!(signatures, 0, "no signature is missing in the log");
        last = entries.last().copied();
        let number = last.unwrap().number.to_be_bytes();
        session
            .command(CommandCode::SET_LOG_INDEX, &number)
            .unwrap();
    }
    // Without force-audit the ring is overrun, and what is left is chained.
    for _ in 0..100 {
        client.sign_ecdsa_prehash_raw(7, DIGEST).unwrap();
    }
    let (_, _, entries) = read(&mut session);
    assert_eq!(entries.len(), 62);
    assert_chained(None, &entries);
}

#[test]
fn crate_reads_every_line() {
    let simulator = logging_simulator();
    let client = with_key(&simulator);
    client.sign_ecdsa_prehash_raw(8, DIGEST).unwrap_err();
    let log = client.get_log_entries().unwrap();
    let lines: Vec<_> = log
        .entries
        .iter()
        .map(|one| (one.cmd, one.result))
        .collect();
    assert_eq!(
        lines,
        [
            (
                Code::HsmInitialization,
                response::Code::Success(Code::Error)
            ),
            (Code::Unknown, response::Code::DeviceOk),
            (
                Code::CreateSession,
                response::Code::Success(Code::CreateSession)
            ),
            (
                Code::AuthenticateSession,
                response::Code::Success(Code::AuthenticateSession)
            ),
            (
                Code::GenerateAsymmetricKey,
                response::Code::Success(Code::GenerateAsymmetricKey)
            ),
            (Code::SignEcdsa, response::Code::DeviceObjectNotFound),
        ]
    );
}

#[test]
fn full_log_stops_commands_under_force_audit() {
    let simulator = logging_simulator();
    let client = with_key(&simulator);
    let mut session = RawSession::open(&simulator, 1, "password").ok().unwrap();
    client.set_force_audit_option(AuditOption::On).unwrap();
    simulator.handle().misbehave(Misbehaviour::FillLog).unwrap();
    let full = read(&mut session).2;
    assert_eq!(full.len(), 62);
    let info = client.device_info().unwrap();
    assert_eq!((info.log_store_capacity, info.log_store_used), (62, 62));
    let executed = simulator.handle().status().unwrap().counters.signatures;
    let sign = [[0, 7].as_slice(), &DIGEST].concat();
    let refused = session.command(CommandCode::SIGN_ECDSA, &sign);
    assert_eq!(refused.unwrap_err(), 0x0a);
    let delete = [0, 7, ObjectType::AsymmetricKey.code()];
    let refused = session.command(CommandCode::DELETE_OBJECT, &delete);
    assert_eq!(refused.unwrap_err(), 0x0a);
    assert_eq!(
        simulator.handle().status().unwrap().counters.signatures,
        executed
    );
    // Sessions are opened still, but counted only.
    RawSession::open(&simulator, 1, "password").ok().unwrap();
    let (boots, authentications, entries) = read(&mut session);
    assert_eq!((boots, authentications), (0, 1));
    assert_eq!(entries, full);
    // Reading makes room, and then commands are executed again.
    let last = entries.last().unwrap();
    session
        .command(CommandCode::SET_LOG_INDEX, &last.number.to_be_bytes())
        .unwrap();
    session.command(CommandCode::SIGN_ECDSA, &sign).unwrap();
    let (boots, authentications, entries) = read(&mut session);
    assert_eq!((boots, authentications), (0, 0));
    assert_chained(Some(*last), &entries);
    let commands: Vec<_> = entries.iter().map(|entry| entry.command).collect();
    assert_eq!(commands, [0x67, 0x56]);
}

#[test]
fn commands_are_logged_as_their_option_says() {
    let simulator = simulator();
    let client = with_key(&simulator);
    let mut session = RawSession::open(&simulator, 1, "password").ok().unwrap();
    let signs = |entries: &[LogEntry]| entries.iter().filter(|one| one.command == 0x56).count();
    client.sign_ecdsa_prehash_raw(7, DIGEST).unwrap();
    assert_eq!(signs(&read(&mut session).2), 0);
    client
        .set_command_audit_option(Code::SignEcdsa, AuditOption::Fix)
        .unwrap();
    client.sign_ecdsa_prehash_raw(7, DIGEST).unwrap();
    assert_eq!(signs(&read(&mut session).2), 1);
    assert_eq!(
        client.get_command_audit_option(Code::SignEcdsa).unwrap(),
        AuditOption::Fix
    );
    // Fixed is fixed, until a reset.
    client
        .set_command_audit_option(Code::SignEcdsa, AuditOption::Off)
        .unwrap_err();
    client.set_force_audit_option(AuditOption::Fix).unwrap();
    client.set_force_audit_option(AuditOption::Off).unwrap_err();
    client.reset_device().unwrap();
    let client = crate::support::client(&simulator);
    assert_eq!(client.get_force_audit_option().unwrap(), AuditOption::Off);
    assert_eq!(
        client.get_command_audit_option(Code::SignEcdsa).unwrap(),
        AuditOption::Off
    );
}

#[test]
fn index_of_no_line_is_refused() {
    let simulator = simulator();
    let mut session = RawSession::open(&simulator, 1, "password").ok().unwrap();
    let refused = session.command(CommandCode::SET_LOG_INDEX, &[9, 9]);
    assert_eq!(refused.unwrap_err(), 0x02);
    assert_eq!(read(&mut session).2.len(), 2);
}
