//! Keys of our names that somebody put into a token.

use cryptoki::context::Pkcs11;
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectClass};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use kasane_hsm::config::ForeignKey;
use kasane_hsm::{BackendKind, KeyBackend, KeyRole};
use kasane_verify::KeyAlgorithm;

use crate::world::{self, PIN, TOKEN, World, alone, label};

/// DER of the curve's name: secp256r1 (RFC 5480).
const P256: &str = "06082a8648ce3d030107";

/// The base point of secp256r1, which is the public key of the private key 1 (SEC 2, 2.4.2).
const POINT: &str = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

/// Logged in beside whatever else this process does with the token.
fn session(world: &World) -> Session {
    let library = Pkcs11::new(world.library()).unwrap();
    let slots = library.get_slots_with_token().unwrap();
    let slot = slots
        .into_iter()
        .find(|slot| library.get_token_info(*slot).unwrap().label() == TOKEN)
        .unwrap();
    let session = library.open_rw_session(slot).unwrap();
    let pin = AuthPin::new(PIN.into());
    session.login(UserType::User, Some(&pin)).unwrap();
    session
}

fn named(name: &str) -> Vec<Attribute> {
    vec![
        Attribute::Token(true),
        Attribute::Label(name.into()),
        Attribute::Id(format!("root-ca/{name}").into_bytes()),
    ]
}

/// As ours in name and in all that can be set, of which its maker keeps the private half.
fn put(session: &Session, name: &str) {
    let kind = [
        Attribute::KeyType(KeyType::EC),
        Attribute::EcParams(hex(P256)),
    ];
    let mut one = vec![0; 32];
    one[31] = 1;
    let private = [
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
        Attribute::Value(one),
    ];
    let point = [vec![0x04, 65], hex(POINT)].concat();
    let public = [
        Attribute::Class(ObjectClass::PUBLIC_KEY),
        Attribute::Private(false),
        Attribute::Verify(true),
        Attribute::EcPoint(point),
    ];
    for own in [private.as_slice(), &public] {
        let template = [named(name).as_slice(), &kind, own].concat();
        session.create_object(&template).unwrap();
    }
}

/// Made in the token, and made so that it can be taken out.
fn make_extractable(session: &Session, name: &str) {
    let public = [named(name), vec![Attribute::EcParams(hex(P256))]].concat();
    let flags = vec![
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(true),
        Attribute::Sign(true),
    ];
    let private = [named(name), flags].concat();
    session
        .generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private)
        .unwrap();
}

#[test]
fn key_that_the_token_did_not_make_or_that_could_leave_it_is_not_ours() {
    alone(
        "planted::key_that_the_token_did_not_make_or_that_could_leave_it_is_not_ours",
        |world| {
            world.init(&world.faulty(), TOKEN);
            let planting = session(world);
            put(&planting, "put");
            make_extractable(&planting, "taken");
            drop(planting);
            // A token in software is for trying out: it is warned of, and works.
            let software = world::open(&world.config(&world.faulty()), &[]).unwrap();
            for name in ["put", "taken"] {
                let key = software.open(&label(name), KeyRole::RootCa).unwrap();
                world::sign(key.as_ref()).unwrap();
            }
            drop(software);
            world.tell("maker", "X");
            let mut config = world.config(&world.faulty());
            config.vouched_hardware = true;
            let device = world::open(&config, &[]).unwrap();
            assert_eq!(device.kind(), BackendKind::Hardware);
            for name in ["put", "taken"] {
                let refused = device.open(&label(name), KeyRole::RootCa).unwrap_err();
                assert_eq!(refused.code(), "key.unprotected", "{name}: {refused}");
                assert!(!refused.was_attempted());
                let again = device.generate(&label(name), KeyRole::RootCa, KeyAlgorithm::P256);
                assert_eq!(again.unwrap_err().code(), "key.exists", "{name}");
            }
            assert_eq!(device.keys().unwrap_err().code(), "key.unprotected");
            // What the device makes is ours, also to one that did not make it.
            let made = label("made");
            device
                .generate(&made, KeyRole::RootCa, KeyAlgorithm::P256)
                .unwrap();
            let other = world::open(&config, &[]).unwrap();
            let key = other.open(&made, KeyRole::RootCa).unwrap();
            world::sign(key.as_ref()).unwrap();
            // Named as another program's, it is taken as it is.
            let foreign = ForeignKey {
                label: "old-root".to_owned(),
                role: KeyRole::RootCa.to_string(),
                device_id: Some(hex::encode("root-ca/put")),
                device_label: None,
            };
            let device = world::open(&config, &[foreign]).unwrap();
            let key = device.open(&label("old-root"), KeyRole::RootCa).unwrap();
            world::sign(key.as_ref()).unwrap();
        },
    );
}
