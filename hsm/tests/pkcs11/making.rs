//! Making keys.

use std::process::Stdio;
use std::sync::Barrier;

use kasane_hsm::{KeyBackend, KeyRole};
use kasane_verify::KeyAlgorithm;

use crate::world::{self, World, alone, label};

/// Labels that rivals race for.
const LABELS: usize = 12;

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
                let list = ["--list-objects", "--type", "privkey", "--id", &id];
                let Some(text) = world.opensc("keys as OpenSC sees them", &list) else {
                    return;
                };
                let line = |start: &str| {
                    text.lines()
                        .map(str::trim)
                        .find_map(|line| line.strip_prefix(start))
                        .unwrap_or_else(|| panic!("{start} {text}"))
                        .trim()
                        .to_owned()
                };
                assert_eq!(line("label:"), name);
                assert_eq!(line("ID:"), id);
                assert_eq!(line("Usage:"), "sign", "{text}");
                let access = line("Access:");
                assert!(access.contains("always sensitive"), "{access}");
                assert!(access.contains("never extractable"), "{access}");
                let list = ["--list-objects", "--type", "pubkey", "--id", &id];
                let text = world.opensc("keys as OpenSC sees them", &list).unwrap();
                assert!(text.contains("Public Key Object"), "{text}");
            }
            // What OpenSC reads of the public half is what we tell.
            let file = world.folder().join("public.der");
            let id = hex::encode("issuing-ca/ecc");
            let path = file.to_str().unwrap();
            let read = ["--read-object", "--type", "pubkey", "--id", &id, "-o", path];
            world.opensc("keys as OpenSC sees them", &read).unwrap();
            let infos = device.keys().unwrap();
            let info = infos.iter().find(|info| info.label.as_str() == "ecc");
            assert_eq!(std::fs::read(file).unwrap(), info.unwrap().spki);
        },
    );
}

/// What a racer made, one label a line.
fn race(world: &World) -> Vec<String> {
    let device = world::open(&world.config(world.library()), &[]).unwrap();
    let mut made = Vec::new();
    for number in 0..LABELS {
        let name = format!("race-{number}");
        match device.generate(&label(&name), KeyRole::RootCa, KeyAlgorithm::P256) {
            Ok(_) => made.push(name),
            Err(error) => assert_eq!(error.code(), "key.exists", "{error}"),
        }
    }
    made
}

/// Not a check of its own: a rival of the test below, told so by its folder's file `racing`.
#[test]
fn rival_process() {
    alone("making::rival_process", |world| {
        if world.folder().join("racing").exists() {
            let made = race(world);
            println!("\nmade {}", made.join(" "));
        }
    });
}

#[test]
fn processes_that_make_one_label_at_once_make_one_key() {
    alone(
        "making::processes_that_make_one_label_at_once_make_one_key",
        |world| {
            world.init(world::TOKEN);
            std::fs::write(world.folder().join("racing"), "").unwrap();
            let rivals: Vec<_> = (0..3)
                .map(|_| {
                    world
                        .process("making::rival_process")
                        .stdout(Stdio::piped())
                        .spawn()
                        .unwrap()
                })
                .collect();
            let mut made = Vec::new();
            for rival in rivals {
                let output = rival.wait_with_output().unwrap();
                let text = String::from_utf8(output.stdout).unwrap();
                assert!(output.status.success(), "{text}");
                let line = text.lines().find_map(|line| line.strip_prefix("made"));
                made.extend(line.unwrap().split_whitespace().map(str::to_owned));
            }
            check_race(world, made);
        },
    );
}

#[test]
fn devices_of_one_process_that_make_one_label_at_once_make_one_key() {
    alone(
        "making::devices_of_one_process_that_make_one_label_at_once_make_one_key",
        |world| {
            world.init(world::TOKEN);
            let begin = Barrier::new(4);
            let made = std::thread::scope(|scope| {
                let racers: Vec<_> = (0..4)
                    .map(|_| {
                        scope.spawn(|| {
                            begin.wait();
                            race(world)
                        })
                    })
                    .collect();
                let made = racers.into_iter().map(|racer| racer.join().unwrap());
                made.flatten().collect::<Vec<_>>()
            });
            check_race(world, made);
        },
    );
}

/// Nobody was told twice that a label is theirs, and the token holds what was told and no more.
fn check_race(world: &World, mut made: Vec<String>) {
    let told = made.len();
    made.sort();
    made.dedup();
    assert_eq!(made.len(), told, "{made:?}");
    let device = world::open(&world.config(world.library()), &[]).unwrap();
    let mut there: Vec<_> = device
        .keys()
        .unwrap()
        .into_iter()
        .map(|info| info.label.as_str().to_owned())
        .collect();
    there.sort();
    assert_eq!(there, made);
    for name in &made {
        let key = device.open(&label(name), KeyRole::RootCa).unwrap();
        world::sign(key.as_ref()).unwrap();
    }
    // That everybody gives up takes a token that hides a key from those who list.
    assert_eq!(made.len(), LABELS);
}
