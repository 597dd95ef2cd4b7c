use std::sync::Arc;

use ::rustls::client::ResolvesClientCert;
use ::rustls::crypto::{CryptoProvider as TlsProvider, aws_lc_rs};
use ::rustls::sign::SingleCertAndKey;
use ::rustls::version::{TLS12, TLS13};
use ::rustls::{SignatureAlgorithm, SignatureScheme, SupportedProtocolVersion};

use super::support::{
    Family, at, client_config, dual, ecc, knowing, provider, rsa, server_config, shake, trust,
};
use crate::certificate::Certificate;
use crate::policy::Class;
use crate::rustls::{ClientVerifier, DualCertificate};

const NOW: &str = "2028-06-01";

/// Which of its certificates the server shows to a client with that provider.
fn shown(version: &'static SupportedProtocolVersion, provider: TlsProvider) -> &'static str {
    let own = Arc::new(SingleCertAndKey::from(Arc::clone(&ecc().terminal)));
    let verifier = ClientVerifier::new(trust(Class::Terminal, &super::support::provider()));
    let dual = if version == &TLS12 {
        dual().tls12_only()
    } else {
        dual()
    };
    let shaken = shake(
        client_config(version, at(NOW), provider, own),
        server_config(version, at(NOW), verifier, dual),
    )
    .succeeded();
    if shaken.server_used(&ecc().server) {
        "ecc"
    } else {
        assert!(shaken.server_used(&rsa().server));
        "rsa"
    }
}

#[test]
fn peers_get_the_kind_that_their_signature_schemes_can_take() {
    for version in [&TLS12, &TLS13] {
        assert_eq!(shown(version, provider()), "ecc");
        assert_eq!(shown(version, knowing(SignatureAlgorithm::ECDSA)), "ecc");
        assert_eq!(shown(version, knowing(SignatureAlgorithm::RSA)), "rsa");
    }
}

#[test]
fn tls12_peers_need_an_ecdsa_suite_as_well() {
    use aws_lc_rs::cipher_suite::{
        TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TLS13_AES_128_GCM_SHA256,
    };
    let with = |suite| {
        let mut provider = provider();
        provider.cipher_suites = vec![TLS13_AES_128_GCM_SHA256, suite];
        provider
    };
    let rsa_suite = || with(TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256);
    assert_eq!(shown(&TLS12, rsa_suite()), "rsa");
    assert_eq!(shown(&TLS13, rsa_suite()), "ecc");
    let ecc_suite = with(TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256);
    assert_eq!(shown(&TLS12, ecc_suite), "ecc");
}

#[test]
fn tls12_peers_need_the_curve_as_well() {
    let with = |group| {
        let mut provider = provider();
        provider.kx_groups = vec![aws_lc_rs::kx_group::X25519, group];
        provider
    };
    let p256 = || with(aws_lc_rs::kx_group::SECP256R1);
    assert_eq!(shown(&TLS12, p256()), "rsa");
    assert_eq!(shown(&TLS13, p256()), "ecc", "the scheme names the curve");
    assert_eq!(shown(&TLS12, with(aws_lc_rs::kx_group::SECP384R1)), "ecc");
}

#[test]
fn client_shows_what_the_server_can_take() {
    let client = DualCertificate::new(Arc::clone(&ecc().terminal), Arc::clone(&rsa().terminal));
    let client = Arc::new(client.unwrap());
    for version in [&TLS12, &TLS13] {
        for (known, expected) in [
            (SignatureAlgorithm::ECDSA, ecc()),
            (SignatureAlgorithm::RSA, rsa()),
        ] {
            let verifier = ClientVerifier::new(trust(Class::Terminal, &knowing(known)));
            let shaken = shake(
                client_config(version, at(NOW), provider(), Arc::clone(&client) as _),
                server_config(version, at(NOW), verifier, dual()),
            )
            .succeeded();
            assert!(shaken.client_used(&expected.terminal));
        }
    }
}

#[test]
fn authorities_that_the_peer_names_decide_among_usable_kinds() {
    let client = dual();
    let both = [
        SignatureScheme::ECDSA_NISTP384_SHA384,
        SignatureScheme::RSA_PSS_SHA256,
    ];
    let shows = |hints: &[&[u8]], schemes: &[SignatureScheme], expected: &Family| {
        let chosen = client.resolve(hints, schemes).unwrap();
        assert!(Arc::ptr_eq(&chosen, &expected.server));
    };
    let root = |family: &'static Family| {
        let root = Certificate::from_der(&family.root).unwrap();
        root.subject().der()
    };
    let ca = b"\x30\x00".as_slice();
    shows(&[], &both, ecc());
    shows(&[root(rsa())], &both, rsa());
    shows(&[root(rsa()), root(ecc())], &both, ecc());
    shows(&[ca], &both, ecc());
    shows(&[root(ecc())], &both[1..], rsa());
    assert!(client.has_certs());
    assert!(client.resolve(&[], &[]).is_none());
}

#[test]
fn pair_is_one_of_each_kind_with_their_own_keys() {
    let code = |ecc: &Arc<_>, rsa: &Arc<_>| {
        let pair = DualCertificate::new(Arc::clone(ecc), Arc::clone(rsa));
        pair.err().map(|error| error.code())
    };
    let (e, r) = (&ecc().server, &rsa().server);
    assert_eq!(code(e, r), None);
    assert_eq!(code(r, e), Some("dual.family"));
    assert_eq!(code(e, e), Some("dual.family"));
    let mut empty = (**e).clone();
    empty.cert.clear();
    assert_eq!(code(&Arc::new(empty), r), Some("dual.empty"));
    let mut other = (**e).clone();
    other.key = Arc::clone(&ecc().terminal.key);
    assert_eq!(code(&Arc::new(other), r), Some("dual.private_key"));
}
