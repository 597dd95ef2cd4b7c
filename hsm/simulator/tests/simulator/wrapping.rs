//! Keys leave under wrap and come back, here or in another device.

use yubihsm::{Capability, Client, Domain, asymmetric::Algorithm, device::ErrorKind, object, wrap};

use crate::support::{client, device_error, label, simulator};

const WRAP_KEY: u16 = 100;
const KIND: object::Type = object::Type::AsymmetricKey;

fn put_wrap_key(client: &Client, delegated: Capability) {
    client
        .put_wrap_key(
            WRAP_KEY,
            label(),
            Domain::DOM1,
            Capability::EXPORT_WRAPPED | Capability::IMPORT_WRAPPED,
            delegated,
            wrap::Algorithm::Aes256Ccm,
            [0x77; 32].to_vec(),
        )
        .unwrap();
}

#[test]
fn each_algorithm_is_cloned_to_a_second_device() {
    let (first, second) = (simulator(), simulator());
    let (from, to) = (client(&first), client(&second));
    let sign = Capability::SIGN_ECDSA | Capability::SIGN_EDDSA | Capability::SIGN_PKCS;
    let may = sign | Capability::EXPORTABLE_UNDER_WRAP;
    put_wrap_key(&from, may);
    put_wrap_key(&to, may);
    for (id, algorithm, wrapped_bytes) in [
        (1, Algorithm::EcP256, 96),
        (2, Algorithm::EcP384, 144),
        (3, Algorithm::EcP521, 198),
        (4, Algorithm::Ed25519, 64),
        (5, Algorithm::Rsa2048, 896),
        (6, Algorithm::Rsa4096, 1792),
    ] {
        from.generate_asymmetric_key(id, label(), Domain::DOM1, may, algorithm)
            .unwrap();
        let wrapped = from.export_wrapped(WRAP_KEY, KIND, id).unwrap();
        assert_eq!(wrapped.ciphertext.len(), 59 + wrapped_bytes + 16);
        let imported = to.import_wrapped(WRAP_KEY, wrapped).unwrap();
        assert_eq!((imported.object_id, imported.object_type), (id, KIND));
        assert_eq!(
            to.get_public_key(id).unwrap().bytes,
            from.get_public_key(id).unwrap().bytes
        );
        let info = to.get_object_info(id, KIND).unwrap();
        assert_eq!(info.origin, object::Origin::WrappedGenerated);
        assert_eq!(info.capabilities, may);
    }
    // The clone signs with the same key.
    let signature = to.sign_ed25519(4, b"message".as_slice()).unwrap();
    assert_eq!(
        signature,
        from.sign_ed25519(4, b"message".as_slice()).unwrap()
    );
    assert_eq!(
        to.sign_rsa_pkcs1v15_sha256(5, b"message")
            .unwrap()
            .as_slice(),
        from.sign_rsa_pkcs1v15_sha256(5, b"message")
            .unwrap()
            .as_slice()
    );
}

#[test]
fn key_that_is_not_exportable_stays() {
    let simulator = simulator();
    let client = client(&simulator);
    put_wrap_key(
        &client,
        Capability::SIGN_ECDSA | Capability::EXPORTABLE_UNDER_WRAP,
    );
    client
        .generate_asymmetric_key(
            1,
            label(),
            Domain::DOM1,
            Capability::SIGN_ECDSA,
            Algorithm::EcP384,
        )
        .unwrap();
    assert_eq!(
        device_error(client.export_wrapped(WRAP_KEY, KIND, 1)),
        ErrorKind::InsufficientPermissions
    );
}

#[test]
fn wrap_key_exports_and_imports_what_was_delegated_to_it_only() {
    let simulator = simulator();
    let client = client(&simulator);
    put_wrap_key(
        &client,
        Capability::SIGN_ECDSA | Capability::EXPORTABLE_UNDER_WRAP,
    );
    let make = |id, may| {
        client
            .generate_asymmetric_key(id, label(), Domain::DOM1, may, Algorithm::EcP384)
            .unwrap()
    };
    make(
        1,
        Capability::SIGN_ECDSA | Capability::EXPORTABLE_UNDER_WRAP,
    );
    make(2, Capability::all());
    assert_eq!(
        device_error(client.export_wrapped(WRAP_KEY, KIND, 2)),
        ErrorKind::InsufficientPermissions
    );
    let wrapped = client.export_wrapped(WRAP_KEY, KIND, 1).unwrap();
    assert_eq!(
        device_error(client.import_wrapped(WRAP_KEY, wrapped.clone())),
        ErrorKind::ObjectExists
    );
    client.delete_object(1, KIND).unwrap();
    // The same key, with less delegated to it.
    client
        .delete_object(WRAP_KEY, object::Type::WrapKey)
        .unwrap();
    put_wrap_key(&client, Capability::SIGN_ECDSA);
    assert_eq!(
        device_error(client.import_wrapped(WRAP_KEY, wrapped.clone())),
        ErrorKind::InsufficientPermissions
    );
    assert_eq!(client.list_objects(&[]).unwrap().len(), 3);
    // And one octet of it turned.
    let mut broken = wrapped;
    broken.ciphertext[20] ^= 1;
    assert_eq!(
        device_error(client.import_wrapped(WRAP_KEY, broken)),
        ErrorKind::InvalidData
    );
}

#[test]
fn generated_wrap_key_wraps_authentication_keys_too() {
    let simulator = simulator();
    let client = client(&simulator);
    let all = Capability::all();
    client
        .generate_wrap_key(
            WRAP_KEY,
            label(),
            Domain::DOM1,
            all,
            all,
            wrap::Algorithm::Aes128Ccm,
        )
        .unwrap();
    let may = Capability::SIGN_ECDSA | Capability::EXPORTABLE_UNDER_WRAP;
    crate::support::limited(&client, 5, Domain::DOM1, may, Capability::SIGN_PKCS);
    let kind = object::Type::AuthenticationKey;
    let wrapped = client.export_wrapped(WRAP_KEY, kind, 5).unwrap();
    client.delete_object(5, kind).unwrap();
    crate::support::client_with(&simulator, 5, "limited")
        .err()
        .unwrap();
    client.import_wrapped(WRAP_KEY, wrapped).unwrap();
    crate::support::client_with(&simulator, 5, "limited").unwrap();
    let info = client.get_object_info(5, kind).unwrap();
    assert_eq!(info.delegated_capabilities, Capability::SIGN_PKCS);
    assert_eq!(info.origin, object::Origin::WrappedImported);
}
