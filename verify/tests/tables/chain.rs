//! Small hierarchies of chosen keys.

use std::sync::OnceLock;

use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::AwsLc;
use kasane_verify::path::{
    Budget, PathError, PathPolicy, Purpose, Question, TrustAnchor, VerifiedPath,
};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RsaKeySize, SerialNumber, date_time_ymd,
};

use crate::verifier::paths_only;

/// A kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    P256,
    P384,
    Rsa2048,
    Rsa3072,
}

impl Key {
    /// The only key of its kind: which one it is makes no difference here.
    fn pair(self) -> &'static KeyPair {
        static PAIRS: [OnceLock<KeyPair>; 4] = [const { OnceLock::new() }; 4];
        let index = match self {
            Self::P256 => 0,
            Self::P384 => 1,
            Self::Rsa2048 => 2,
            Self::Rsa3072 => 3,
        };
        PAIRS[index].get_or_init(|| match self {
            Self::P256 => KeyPair::generate().unwrap(),
            Self::P384 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap(),
            Self::Rsa2048 => rsa(RsaKeySize::_2048),
            Self::Rsa3072 => rsa(RsaKeySize::_3072),
        })
    }
}

fn rsa(size: RsaKeySize) -> KeyPair {
    KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size).unwrap()
}

/// Certificates from the anchor down to the end entity.
pub(crate) struct Chain {
    ders: Vec<Vec<u8>>,
}

impl Chain {
    /// A chain with these keys, the anchor's first, valid for longer than any date of the tables.
    pub(crate) fn new(keys: &[Key]) -> Self {
        Self::with(keys, |_, _| {})
    }

    /// The same with a change to each certificate, by its place.
    pub(crate) fn with(keys: &[Key], change: impl Fn(usize, &mut CertificateParams)) -> Self {
        let last = keys.len() - 1;
        let params = |place: usize| {
            let mut params = CertificateParams::default();
            let common_name = if place == last {
                "end entity".to_owned()
            } else {
                format!("CA {place}")
            };
            params.distinguished_name = name(&common_name);
            params.key_identifier_method = KeyIdMethod::Sha256;
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2049, 1, 1);
            params.serial_number = Some(SerialNumber::from(u64::try_from(place).unwrap() + 1));
            if place < last {
                params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
                params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
            } else {
                params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
                params.extended_key_usages = vec![
                    ExtendedKeyUsagePurpose::ClientAuth,
                    ExtendedKeyUsagePurpose::ServerAuth,
                    ExtendedKeyUsagePurpose::OcspSigning,
                ];
            }
            change(place, &mut params);
            params
        };
        let issue = |place: usize, issuer: usize| {
            let above = params(issuer);
            let issuer = Issuer::from_params(&above, keys[issuer].pair());
            let signed = params(place).signed_by(keys[place].pair(), &issuer);
            signed.unwrap().der().to_vec()
        };
        let ders = (0..keys.len()).map(|place| issue(place, place.saturating_sub(1)));
        Self {
            ders: ders.collect(),
        }
    }

    pub(crate) fn verify(
        &self,
        policy: &dyn PathPolicy,
        at: &str,
        purpose: Purpose,
    ) -> Result<VerifiedPath, PathError> {
        let at: UnixTime = at.parse().unwrap();
        self.ask(policy, Budget::default(), |end_entity, intermediates| {
            Question::new(end_entity, intermediates, at, purpose)
        })
    }

    pub(crate) fn ask(
        &self,
        policy: &dyn PathPolicy,
        budget: Budget,
        question: impl for<'q> FnOnce(&'q Certificate<'q>, &'q [Certificate<'q>]) -> Question<'q>,
    ) -> Result<VerifiedPath, PathError> {
        let anchors = [TrustAnchor::from_certificate(&self.ders[0], &AwsLc).unwrap()];
        let (end_entity, above) = self.ders[1..].split_last().unwrap();
        let end_entity = Certificate::from_der(end_entity).unwrap();
        let above: Vec<_> = above
            .iter()
            .map(|der| Certificate::from_der(der).unwrap())
            .collect();
        paths_only(&anchors, policy)
            .with_budget(budget)
            .verify(&question(&end_entity, &above))
    }
}

fn name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, "JP");
    name.push(DnType::OrganizationName, "Example");
    name.push(DnType::CommonName, common_name);
    name
}
