//! Keys that another program made.

use kasane_hsm::config::ForeignKey;
use kasane_hsm::{Device, KeyBackend, KeyRole};
use kasane_verify::KeyAlgorithm;

use crate::world::{self, World, alone, label};

fn foreign(label: &str, role: KeyRole, id: Option<&str>, name: Option<&str>) -> ForeignKey {
    ForeignKey {
        label: label.to_owned(),
        role: role.to_string(),
        device_id: id.map(str::to_owned),
        device_label: name.map(str::to_owned),
    }
}

/// Makes a key with OpenSC; false when it is not installed.
fn make(world: &World, kind: &str, id: &str, name: &str) -> bool {
    let arguments = [
        "--keypairgen",
        "--key-type",
        kind,
        "--id",
        id,
        "--label",
        name,
    ];
    world
        .opensc("keys of another program", &arguments)
        .is_some()
}

fn delete_public(world: &World, id: &str) {
    let arguments = ["--delete-object", "--type", "pubkey", "--id", id];
    world.opensc("keys of another program", &arguments).unwrap();
}

#[test]
fn key_of_another_program_is_found_by_id_and_by_label() {
    alone(
        "foreign::key_of_another_program_is_found_by_id_and_by_label",
        |world| {
            world.init(world.library(), world::TOKEN);
            if !make(world, "rsa:2048", "0a01", "Old Root")
                || !make(world, "EC:secp384r1", "0a02", "ECC")
            {
                return;
            }
            let keys = [
                foreign("root-rsa", KeyRole::RootCa, Some("0a01"), None),
                foreign("issuing-ecc", KeyRole::IssuingCa, None, Some("ECC")),
                foreign("absent", KeyRole::IssuingCa, Some("0a03"), None),
                foreign("mixed", KeyRole::IssuingCa, Some("0a01"), Some("ECC")),
            ];
            let device = world::open(&world.config(world.library()), &keys).unwrap();
            let listed = device.keys().unwrap();
            let listed: Vec<_> = listed
                .iter()
                .map(|info| (info.label.as_str(), info.role, info.algorithm))
                .collect();
            assert_eq!(
                listed,
                [
                    ("issuing-ecc", KeyRole::IssuingCa, KeyAlgorithm::P384),
                    ("root-rsa", KeyRole::RootCa, KeyAlgorithm::RSA_2048),
                ]
            );
            for (name, role, id) in [
                ("root-rsa", KeyRole::RootCa, [0x0a, 0x01]),
                ("issuing-ecc", KeyRole::IssuingCa, [0x0a, 0x02]),
            ] {
                world::sign(device.open(&label(name), role).unwrap().as_ref()).unwrap();
                assert_eq!(device.key_id(&label(name)).unwrap(), id);
            }
            let error = device
                .open(&label("root-rsa"), KeyRole::IssuingCa)
                .unwrap_err();
            assert_eq!(error.code(), "key.role-mismatch");
            for name in ["absent", "mixed"] {
                let error = device.open(&label(name), KeyRole::IssuingCa).unwrap_err();
                assert_eq!(error.code(), "key.not-found");
            }
            // The names of the configuration are taken, whether the key is there or not.
            for name in ["root-rsa", "absent"] {
                let result = device.generate(&label(name), KeyRole::Ledger, KeyAlgorithm::P256);
                assert_eq!(result.unwrap_err().code(), "key.exists");
            }
        },
    );
}

#[test]
fn public_half_comes_from_the_private_object_where_it_can() {
    alone(
        "foreign::public_half_comes_from_the_private_object_where_it_can",
        |world| {
            world.init(world.library(), world::TOKEN);
            if !make(world, "rsa:2048", "01", "rsa") || !make(world, "EC:prime256v1", "02", "ecc") {
                return;
            }
            delete_public(world, "01");
            delete_public(world, "02");
            let keys = [
                foreign("rsa", KeyRole::RootCa, Some("01"), None),
                foreign("ecc", KeyRole::RootCa, Some("02"), None),
            ];
            let device = world::open(&world.config(world.library()), &keys).unwrap();
            let key = device.open(&label("rsa"), KeyRole::RootCa).unwrap();
            world::sign(key.as_ref()).unwrap();
            let error = device.open(&label("ecc"), KeyRole::RootCa).unwrap_err();
            assert_eq!(error.code(), "key.damaged");
            assert!(error.to_string().contains("public key object"), "{error}");
        },
    );
}

#[test]
fn two_keys_of_one_name_are_not_chosen_between() {
    alone(
        "foreign::two_keys_of_one_name_are_not_chosen_between",
        |world| {
            world.init(world.library(), world::TOKEN);
            if !make(world, "EC:prime256v1", "01", "same")
                || !make(world, "EC:prime256v1", "02", "same")
            {
                return;
            }
            let config = world.config(world.library());
            let key = foreign("same", KeyRole::RootCa, None, Some("same"));
            let device = world::open(&config, &[key]).unwrap();
            let error = device.open(&label("same"), KeyRole::RootCa).unwrap_err();
            assert_eq!(error.code(), "key.damaged");
            // Not ours, and yet a key of that label is not made beside them.
            let device = world::open(&config, &[]).unwrap();
            assert_eq!(device.keys().unwrap(), []);
            let error = device.generate(&label("same"), KeyRole::RootCa, KeyAlgorithm::P256);
            assert_eq!(error.unwrap_err().code(), "key.exists");
            let bad = foreign("same", KeyRole::RootCa, Some("zz"), None);
            let error = world::open(&config, &[bad]).unwrap_err();
            assert_eq!(error.code(), "device.wrong-device");
        },
    );
}
