//! Making keys.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::Barrier;

use kasane_hsm::{Error, KeyBackend, KeyRole};
use kasane_verify::KeyAlgorithm;

use crate::world::{self, World, alone, label};

/// Labels that rivals race for.
const LABELS: usize = 12;

/// SoftHSM answers a login with CKR_GENERAL_ERROR too when processes write its folder at once.
const LOGINS: usize = 20;

#[test]
fn opensc_sees_keys_that_only_sign_and_cannot_leave() {
    alone(
        "making::opensc_sees_keys_that_only_sign_and_cannot_leave",
        |world| {
            let device = world.device();
            for (name, algorithm) in [
                ("ecc", KeyAlgorithm::P384),
                ("rsa", KeyAlgorithm::RSA_2048),
                ("edwards", KeyAlgorithm::Ed25519),
            ] {
                device
                    .generate(&label(name), KeyRole::IssuingCa, algorithm)
                    .unwrap();
                let id = hex::encode(format!("issuing-ca/{name}"));
                let list = ["--list-objects", "--type", "privkey"];
                let Some(text) = world.opensc("keys as OpenSC sees them", &list) else {
                    return;
                };
                let object = text
                    .split("Private Key Object")
                    .find(|object| object.contains(&id))
                    .unwrap();
                let line = |start: &str| {
                    let mut lines = object.lines().map(str::trim);
                    let line = lines.find_map(|line| line.strip_prefix(start));
                    line.unwrap().trim()
                };
                assert_eq!(line("label:"), name);
                assert_eq!(line("Usage:"), "sign", "{text}");
                let access = line("Access:");
                assert!(access.contains("always sensitive"), "{access}");
                assert!(access.contains("never extractable"), "{access}");
            }
            // What OpenSC reads of the public half is what we tell.
            let file = world.folder().join("public.der");
            let id = hex::encode("issuing-ca/rsa");
            let path = file.to_str().unwrap();
            let read = ["--read-object", "--type", "pubkey", "--id", &id, "-o", path];
            world.opensc("keys as OpenSC sees them", &read).unwrap();
            let infos = device.keys().unwrap();
            let info = infos.iter().find(|info| info.label.as_str() == "rsa");
            assert_eq!(std::fs::read(file).unwrap(), info.unwrap().spki);
        },
    );
}

/// What a racer was told: labels it made, and labels of which the token said neither.
#[derive(Default)]
struct Told {
    made: Vec<String>,
    unclear: Vec<String>,
}

fn race(world: &World) -> Told {
    let config = world.config(world.library());
    let mut logins = (1..=LOGINS).map(|_| world::open(&config, &[]));
    let device = logins.find_map(Result::ok).unwrap();
    let mut told = Told::default();
    for number in 0..LABELS {
        let name = format!("race-{number}");
        match device.generate(&label(&name), KeyRole::RootCa, KeyAlgorithm::P256) {
            Ok(_) => told.made.push(name),
            Err(Error::KeyExists { .. }) => {}
            // SoftHSM answers CKR_GENERAL_ERROR when processes write its folder at once; to C_Initialize too,
            // where the device was left alone for that and is come back to.
            Err(error @ Error::Unreachable { .. }) => {
                assert!(error.to_string().contains("CKR_GENERAL_ERROR"), "{error}");
                told.unclear.push(name);
            }
            Err(error) if error.code() == "key.device" => told.unclear.push(name),
            Err(error) => panic!("{error}"),
        }
    }
    told
}

/// Not a check of its own: a rival of the test below, told so by its folder's file `racing`.
#[test]
fn rival_process() {
    alone("making::rival_process", |world| {
        if world.folder().join("racing").exists() {
            let told = race(world);
            println!("\nmade {}", told.made.join(" "));
            println!("unclear {}", told.unclear.join(" "));
        }
    });
}

#[test]
fn processes_that_make_one_label_at_once_make_one_key() {
    alone(
        "making::processes_that_make_one_label_at_once_make_one_key",
        |world| {
            world.init(world.library(), world::TOKEN);
            std::fs::write(world.folder().join("racing"), "").unwrap();
            let rivals: Vec<_> = (0..3)
                .map(|_| {
                    let mut rival = world.process("making::rival_process");
                    rival.stdout(Stdio::piped()).spawn().unwrap()
                })
                .collect();
            let mut told = Told::default();
            for rival in rivals {
                let output = rival.wait_with_output().unwrap();
                let text = String::from_utf8(output.stdout).unwrap();
                assert!(output.status.success(), "{text}");
                for (start, labels) in [("made", &mut told.made), ("unclear", &mut told.unclear)] {
                    let line = text.lines().find_map(|line| line.strip_prefix(start));
                    labels.extend(line.unwrap().split_whitespace().map(str::to_owned));
                }
            }
            check_race(world, told);
        },
    );
}

#[test]
fn devices_of_one_process_that_make_one_label_at_once_make_one_key() {
    alone(
        "making::devices_of_one_process_that_make_one_label_at_once_make_one_key",
        |world| {
            world.init(world.library(), world::TOKEN);
            let begin = Barrier::new(4);
            let mut all = Told::default();
            std::thread::scope(|scope| {
                let racers: Vec<_> = (0..4)
                    .map(|_| {
                        scope.spawn(|| {
                            begin.wait();
                            race(world)
                        })
                    })
                    .collect();
                for racer in racers {
                    let told = racer.join().unwrap();
                    all.made.extend(told.made);
                    all.unclear.extend(told.unclear);
                }
            });
            assert_eq!(all.unclear, Vec::<String>::new());
            check_race(world, all);
        },
    );
}

/// Nobody was told twice that a label is theirs; what was told to be made is there and signs.
fn check_race(world: &World, told: Told) {
    let made: BTreeSet<_> = told.made.iter().cloned().collect();
    assert_eq!(made.len(), told.made.len(), "{:?}", told.made);
    let device = world::open(&world.config(world.library()), &[]).unwrap();
    for name in &made {
        let key = device.open(&label(name), KeyRole::RootCa).unwrap();
        world::sign(key.as_ref()).unwrap();
    }
    // Each label was made, and nothing else is there, but where the token did not say.
    for number in 0..LABELS {
        let name = format!("race-{number}");
        if !told.unclear.contains(&name) {
            assert!(made.contains(&name), "{name}");
            let is_there = device.open(&label(&name), KeyRole::RootCa).is_ok();
            assert!(is_there, "{name}");
        }
    }
    assert!(made.len() > LABELS / 2, "{made:?}");
}
