//! Domains, capabilities and delegated capabilities are enforced.

use yubihsm::{
    Capability, Domain, asymmetric::Algorithm, device::ErrorKind, object, object::Filter, opaque,
};

use crate::support::{client, client_with, device_error, label, limited, simulator};

const DIGEST: [u8; 48] = [3; 48];

#[test]
fn key_without_the_capability_does_not_sign() {
    let simulator = simulator();
    let client = client(&simulator);
    let make = |id, may| {
        client
            .generate_asymmetric_key(id, label(), Domain::DOM1, may, Algorithm::EcP384)
            .unwrap()
    };
    make(1, Capability::SIGN_ECDSA);
    make(2, Capability::SIGN_PKCS);
    client.sign_ecdsa_prehash_raw(1, DIGEST).unwrap();
    assert_eq!(
        device_error(client.sign_ecdsa_prehash_raw(2, DIGEST)),
        ErrorKind::InsufficientPermissions
    );
}

#[test]
fn session_without_the_capability_does_not_sign() {
    let simulator = simulator();
    let client = client(&simulator);
    client
        .generate_asymmetric_key(
            1,
            label(),
            Domain::DOM1,
            Capability::SIGN_ECDSA,
            Algorithm::EcP384,
        )
        .unwrap();
    limited(
        &client,
        5,
        Domain::DOM1,
        Capability::SIGN_EDDSA,
        Capability::empty(),
    );
    let poor = client_with(&simulator, 5, "limited").unwrap();
    assert_eq!(
        device_error(poor.sign_ecdsa_prehash_raw(1, DIGEST)),
        ErrorKind::InsufficientPermissions
    );
    // Reading the public key needs none.
    poor.get_public_key(1).unwrap();
    for outcome in [
        poor.delete_object(1, object::Type::AsymmetricKey),
        poor.set_force_audit_option(yubihsm::AuditOption::On),
        poor.set_log_index(1),
    ] {
        assert_eq!(device_error(outcome), ErrorKind::InsufficientPermissions);
    }
    assert_eq!(
        device_error(poor.get_log_entries().map(|_| ())),
        ErrorKind::InsufficientPermissions
    );
    assert_eq!(
        device_error(poor.get_pseudo_random(8)),
        ErrorKind::InsufficientPermissions
    );
}

#[test]
fn other_domains_are_invisible() {
    let simulator = simulator();
    let client = client(&simulator);
    let may = Capability::SIGN_ECDSA;
    let domains = Domain::DOM2 | Domain::DOM16;
    client
        .generate_asymmetric_key(1, label(), domains, may, Algorithm::EcP384)
        .unwrap();
    let everything = Capability::all();
    limited(&client, 5, Domain::DOM1, everything, everything);
    limited(&client, 6, Domain::DOM16, everything, everything);
    let stranger = client_with(&simulator, 5, "limited").unwrap();
    let neighbour = client_with(&simulator, 6, "limited").unwrap();
    let kind = object::Type::AsymmetricKey;
    assert_eq!(
        device_error(stranger.sign_ecdsa_prehash_raw(1, DIGEST)),
        ErrorKind::ObjectNotFound
    );
    assert_eq!(
        device_error(stranger.get_object_info(1, kind)),
        ErrorKind::ObjectNotFound
    );
    assert_eq!(
        device_error(stranger.delete_object(1, kind)),
        ErrorKind::ObjectNotFound
    );
    assert!(
        stranger
            .list_objects(&[Filter::Type(kind)])
            .unwrap()
            .is_empty()
    );
    neighbour.sign_ecdsa_prehash_raw(1, DIGEST).unwrap();
    assert_eq!(
        neighbour.list_objects(&[Filter::Type(kind)]).unwrap().len(),
        1
    );
    // Nor can an object be put where the session is not.
    assert_eq!(
        device_error(stranger.generate_asymmetric_key(
            2,
            label(),
            Domain::DOM1 | Domain::DOM2,
            may,
            Algorithm::EcP384
        )),
        ErrorKind::InsufficientPermissions
    );
}

#[test]
fn nothing_is_given_that_was_not_delegated() {
    let simulator = simulator();
    let client = client(&simulator);
    let may = Capability::GENERATE_ASYMMETRIC_KEY | Capability::PUT_AUTHENTICATION_KEY;
    limited(&client, 5, Domain::DOM1, may, Capability::SIGN_ECDSA);
    let ceremony = client_with(&simulator, 5, "limited").unwrap();
    let make =
        |may| ceremony.generate_asymmetric_key(0, label(), Domain::DOM1, may, Algorithm::EcP384);
    make(Capability::SIGN_ECDSA).unwrap();
    assert_eq!(
        device_error(make(
            Capability::SIGN_ECDSA | Capability::EXPORTABLE_UNDER_WRAP
        )),
        ErrorKind::InsufficientPermissions
    );
    let put = |may, delegated| {
        ceremony.put_authentication_key(
            0,
            label(),
            Domain::DOM1,
            may,
            delegated,
            yubihsm::authentication::Algorithm::YubicoAes,
            yubihsm::authentication::Key::derive_from_password(b"x"),
        )
    };
    put(Capability::SIGN_ECDSA, Capability::SIGN_ECDSA).unwrap();
    assert_eq!(
        device_error(put(Capability::SIGN_ECDSA, Capability::SIGN_EDDSA)),
        ErrorKind::InsufficientPermissions
    );
    assert_eq!(
        device_error(put(Capability::RESET_DEVICE, Capability::empty())),
        ErrorKind::InsufficientPermissions
    );
}

#[test]
fn ids_are_unique_by_type_and_zero_draws_one() {
    let simulator = simulator();
    let client = client(&simulator);
    let may = Capability::SIGN_ECDSA;
    let make =
        |id| client.generate_asymmetric_key(id, label(), Domain::DOM1, may, Algorithm::EcP384);
    make(7).unwrap();
    assert_eq!(device_error(make(7)), ErrorKind::ObjectExists);
    assert_eq!(device_error(make(0xffff)), ErrorKind::InvalidId);
    let drawn = make(0).unwrap();
    assert!(drawn != 0 && drawn != 0xffff && drawn != 7);
    client
        .put_opaque(
            7,
            label(),
            Domain::DOM1,
            Capability::empty(),
            opaque::Algorithm::Data,
            b"beside the key".to_vec(),
        )
        .unwrap();
    assert_eq!(client.get_opaque(7).unwrap(), b"beside the key");
    // A name that is used again counts on.
    let kind = object::Type::AsymmetricKey;
    assert_eq!(client.get_object_info(7, kind).unwrap().sequence, 0);
    client.delete_object(7, kind).unwrap();
    make(7).unwrap();
    assert_eq!(client.get_object_info(7, kind).unwrap().sequence, 1);
    assert_eq!(client.get_opaque(7).unwrap(), b"beside the key");
}

#[test]
fn objects_are_listed_by_every_filter() {
    let simulator = simulator();
    let client = client(&simulator);
    let named = object::Label::from_bytes(b"issuing ca").unwrap();
    let may = Capability::SIGN_ECDSA | Capability::EXPORTABLE_UNDER_WRAP;
    client
        .generate_asymmetric_key(9, named.clone(), Domain::DOM3, may, Algorithm::EcP256)
        .unwrap();
    client
        .put_opaque(
            10,
            label(),
            Domain::DOM1,
            Capability::empty(),
            opaque::Algorithm::Data,
            b"x".to_vec(),
        )
        .unwrap();
    for filter in [
        Filter::Id(9),
        Filter::Label(named),
        Filter::Type(object::Type::AsymmetricKey),
        Filter::Algorithm(Algorithm::EcP256.into()),
    ] {
        let found = client.list_objects(&[filter]).unwrap();
        let ids: Vec<_> = found.iter().map(|entry| entry.object_id).collect();
        assert_eq!(ids, [9]);
    }
    // The key of delivery is in every domain and can do everything.
    for filter in [Filter::Domains(Domain::DOM3), Filter::Capabilities(may)] {
        let found = client.list_objects(&[filter]).unwrap();
        let ids: Vec<_> = found.iter().map(|entry| entry.object_id).collect();
        assert_eq!(ids, [1, 9]);
    }
    assert_eq!(client.list_objects(&[]).unwrap().len(), 3);
    let info = client
        .get_object_info(9, object::Type::AsymmetricKey)
        .unwrap();
    assert_eq!(info.length, 96);
    assert_eq!(info.domains, Domain::DOM3);
    assert_eq!(info.capabilities, may);
    assert_eq!(info.origin, object::Origin::Generated);
    assert_eq!(info.label.to_string(), "issuing ca");
}

#[test]
fn storage_ends_at_256_objects_and_126_kilobytes() {
    let simulator = simulator();
    let client = client(&simulator);
    let put = |content: Vec<u8>| {
        client.put_opaque(
            0,
            label(),
            Domain::DOM1,
            Capability::empty(),
            opaque::Algorithm::Data,
            content,
        )
    };
    for _ in 0..255 {
        put(vec![1]).unwrap();
    }
    assert_eq!(device_error(put(vec![1])), ErrorKind::StorageFailed);
    let info = client.get_storage_info().unwrap();
    assert_eq!((info.total_records, info.free_records), (256, 0));
    assert_eq!((info.total_pages, info.free_pages), (1024, 1024 - 256));
    client.reset_device().unwrap();
    let client = crate::support::client(&simulator);
    let put = |content: Vec<u8>| {
        client.put_opaque(
            0,
            label(),
            Domain::DOM1,
            Capability::empty(),
            opaque::Algorithm::Data,
            content,
        )
    };
    // 1023 pages are left, a piece takes 15.
    for _ in 0..68 {
        put(vec![1; 1800]).unwrap();
    }
    assert_eq!(device_error(put(vec![1; 1800])), ErrorKind::StorageFailed);
    put(vec![1; 3 * 126]).unwrap();
}

#[test]
fn reset_needs_its_capability_and_takes_everything() {
    let simulator = simulator();
    let client = client(&simulator);
    limited(
        &client,
        5,
        Domain::DOM1,
        Capability::SIGN_ECDSA,
        Capability::empty(),
    );
    let mut poor = crate::raw_client::RawSession::open(&simulator, 5, "limited")
        .ok()
        .unwrap();
    let reset = kasane_hsm_simulator::protocol::CommandCode::RESET_DEVICE;
    assert_eq!(poor.command(reset, &[]).unwrap_err(), 0x09);
    let serial = client.device_info().unwrap().serial_number;
    client.reset_device().unwrap();
    client_with(&simulator, 5, "limited").err().unwrap();
    let client = crate::support::client(&simulator);
    assert_eq!(client.list_objects(&[]).unwrap().len(), 1);
    assert_eq!(client.device_info().unwrap().serial_number, serial);
}
