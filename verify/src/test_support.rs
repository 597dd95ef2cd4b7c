//! Fixtures: small hierarchies made with rcgen.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, SanType,
    SerialNumber, date_time_ymd,
};

use crate::UnixTime;

/// A name with a key, which may have several certificates.
pub(crate) struct Entity {
    pub(crate) name: DistinguishedName,
    pub(crate) key: KeyPair,
}

impl Entity {
    pub(crate) fn new(common_name: &str) -> Self {
        Self {
            name: name(common_name),
            key: KeyPair::generate().unwrap(),
        }
    }

    /// The same name with another key.
    pub(crate) fn rekeyed(&self) -> Self {
        Self {
            name: self.name.clone(),
            key: KeyPair::generate().unwrap(),
        }
    }

    pub(crate) fn p384(common_name: &str) -> Self {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        Self {
            name: name(common_name),
            key,
        }
    }

    /// A certificate of `subject` signed by this entity.
    pub(crate) fn issue(
        &self,
        subject: &Self,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Vec<u8> {
        let mut own = CertificateParams::default();
        own.distinguished_name = self.name.clone();
        own.key_identifier_method = KeyIdMethod::Sha256;
        own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let mut params = CertificateParams::default();
        params.distinguished_name = subject.name.clone();
        params.key_identifier_method = KeyIdMethod::Sha256;
        params.use_authority_key_identifier_extension = true;
        params.not_before = date_time_ymd(2027, 1, 1);
        params.not_after = date_time_ymd(2031, 1, 1);
        params.serial_number = Some(SerialNumber::from(1234_u64));
        change(&mut params);
        let issuer = Issuer::from_params(&own, &self.key);
        params
            .signed_by(&subject.key, &issuer)
            .unwrap()
            .der()
            .to_vec()
    }

    /// A CA certificate of `subject` signed by this entity.
    pub(crate) fn issue_ca(&self, subject: &Self) -> Vec<u8> {
        self.issue(subject, ca(None))
    }

    /// A client's certificate of `subject` signed by this entity.
    pub(crate) fn issue_client(&self, subject: &Self) -> Vec<u8> {
        self.issue(subject, client)
    }

    pub(crate) fn self_signed(&self) -> Vec<u8> {
        self.issue_ca(self)
    }
}

pub(crate) fn name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, "JP");
    name.push(DnType::OrganizationName, "Example");
    name.push(DnType::CommonName, common_name);
    name
}

pub(crate) fn ca(path_len: Option<u8>) -> impl FnOnce(&mut CertificateParams) {
    move |params| {
        params.is_ca = IsCa::Ca(match path_len {
            Some(limit) => BasicConstraints::Constrained(limit),
            None => BasicConstraints::Unconstrained,
        });
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    }
}

pub(crate) fn client(params: &mut CertificateParams) {
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.subject_alt_names = vec![SanType::URI(
        "https://id.kasane.example/facility/1312345678/1"
            .try_into()
            .unwrap(),
    )];
}

/// An extension of `id-ce` with that number.
pub(crate) fn extension(number: u64, critical: bool, value: &[u8]) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, number], value.to_vec());
    extension.set_criticality(critical);
    extension
}

/// The middle of the fixtures' validity.
pub(crate) fn now() -> UnixTime {
    "2028-06-01".parse().unwrap()
}
