//! The hierarchies of the figures, made anew in every run.

use rcgen::{
    BasicConstraints, CertificateParams, CrlDistributionPoint, CustomExtension, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, RsaKeySize, SanType,
    SerialNumber, date_time_ymd,
};

/// The name that every end entity has.
pub(crate) const HOST: &str = "server.kasane.example";
/// An instant within every validity.
pub(crate) const NOW_SECONDS: u32 = 1_843_000_000;

/// A root, an intermediate and a server's certificate, in DER.
pub(crate) struct Hierarchy {
    pub(crate) name: &'static str,
    pub(crate) root: Vec<u8>,
    pub(crate) intermediate: Vec<u8>,
    pub(crate) end_entity: Vec<u8>,
}

/// P-384, P-256, and RSA-2048 under an RSA-4096 root; with the key of the intermediate.
pub(crate) fn all() -> Vec<(Hierarchy, KeyPair)> {
    let p384 = || KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let p256 = || KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let rsa = |size| KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size).unwrap();
    let large = rsa(RsaKeySize::_4096);
    vec![
        issue("p-384", &p384(), p384(), &p384()),
        issue("p-256", &p256(), p256(), &p256()),
        issue(
            "rsa-2048",
            &large,
            rsa(RsaKeySize::_2048),
            &rsa(RsaKeySize::_2048),
        ),
    ]
}

fn issue(
    name: &'static str,
    root: &KeyPair,
    intermediate: KeyPair,
    end_entity: &KeyPair,
) -> (Hierarchy, KeyPair) {
    let top = authority("Kasane Root", 1);
    let below = authority("Kasane Issuing", 2);
    let mut server = params(HOST, 3);
    server.subject_alt_names = vec![SanType::DnsName(HOST.try_into().unwrap())];
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let by_root = Issuer::from_params(&top, root);
    let by_intermediate = Issuer::from_params(&below, &intermediate);
    let hierarchy = Hierarchy {
        name,
        root: top.self_signed(root).unwrap().der().to_vec(),
        intermediate: below
            .signed_by(&intermediate, &by_root)
            .unwrap()
            .der()
            .to_vec(),
        end_entity: server
            .signed_by(end_entity, &by_intermediate)
            .unwrap()
            .der()
            .to_vec(),
    };
    (hierarchy, intermediate)
}

fn authority(common_name: &str, serial: u8) -> CertificateParams {
    let mut params = params(common_name, serial);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn params(common_name: &str, serial: u8) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, "JP");
    name.push(DnType::OrganizationName, "Example");
    name.push(DnType::CommonName, common_name);
    params.distinguished_name = name;
    params.use_authority_key_identifier_extension = true;
    // What most certificates have besides: id-ad-ocsp, one policy, a CRL.
    params.custom_extensions = vec![
        CustomExtension::from_oid_content(
            &[1, 3, 6, 1, 5, 5, 7, 1, 1],
            [
                &[
                    0x30, 39, 0x30, 37, 6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 0x86, 25,
                ][..],
                b"http://ocsp.example/ecc/0",
            ]
            .concat(),
        ),
        CustomExtension::from_oid_content(
            &[2, 5, 29, 32],
            vec![0x30, 10, 0x30, 8, 6, 6, 0x67, 0x81, 0x0c, 1, 2, 1],
        ),
    ];
    params.crl_distribution_points = vec![CrlDistributionPoint {
        uris: vec!["http://crl.kasane.example/ecc/0.crl".to_owned()],
    }];
    params.not_before = date_time_ymd(2027, 1, 1);
    params.not_after = date_time_ymd(2030, 12, 31);
    params.serial_number = Some(SerialNumber::from_slice(&[0x5a, serial, 3, 4, 5, 6, 7, 8]));
    params
}
