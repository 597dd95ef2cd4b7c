//! A small hierarchy as files: a root, an issuing CA, terminals, and CRLs of both.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SanType, SerialNumber, date_time_ymd,
};
use tempfile::TempDir;

/// 2028-06-01T00:00:00Z.
pub const NOW: &str = "1843430400";

/// What the terminals are called.
pub const IDENTITY: &str = "https://id.kasane.example/facility/1312345678/1";

const REVOKED: u64 = 5;

/// The files: `anchors.pem`, `good.pem`, `revoked.pem`, `expired.pem`, `rsa.pem` (each end entity first, then its
/// CA), `crls.pem`, and the folder `fetched` with `root.crl` and `issuing.crl` in DER. Removed when
/// dropped.
#[derive(Debug)]
pub struct Chain {
    folder: TempDir,
}

impl Chain {
    /// Makes it.
    ///
    /// # Panics
    /// When a file cannot be written.
    #[must_use]
    pub fn new() -> Self {
        let chain = Self {
            folder: TempDir::new().unwrap(),
        };
        let key = || KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        let (root_key, issuing_key) = (key(), key());
        let root_params = authority("Root", None);
        let issuing_params = authority("Issuing", Some("root"));
        let root = root_params.self_signed(&root_key).unwrap().pem();
        let root_issuer = Issuer::from_params(&root_params, &root_key);
        let issuing = issuing_params
            .signed_by(&issuing_key, &root_issuer)
            .unwrap()
            .pem();
        let issuer = Issuer::from_params(&issuing_params, &issuing_key);
        chain.write("anchors.pem", root.as_bytes());
        for (name, serial, last_year) in [
            ("good", 100, 2030),
            ("revoked", REVOKED, 2030),
            ("expired", 101, 2028),
        ] {
            let leaf = terminal(serial, last_year)
                .signed_by(&key(), &issuer)
                .unwrap()
                .pem();
            chain.write(
                &format!("{name}.pem"),
                format!("{leaf}{issuing}").as_bytes(),
            );
        }
        let leaf = terminal(102, 2035).signed_by(rsa(), &issuer).unwrap().pem();
        chain.write("rsa.pem", format!("{leaf}{issuing}").as_bytes());
        let fetched = chain.folder("fetched");
        let mut all = String::new();
        for (name, issuer) in [("root", &root_issuer), ("issuing", &issuer)] {
            let crl = crl().signed_by(issuer).unwrap();
            all.push_str(&crl.pem().unwrap());
            fs::write(format!("{fetched}/{name}.crl"), crl.der()).unwrap();
        }
        chain.write("crls.pem", all.as_bytes());
        chain
    }

    /// The path of a file.
    ///
    /// # Panics
    /// When the folder for temporary files has no UTF-8 name.
    #[must_use]
    pub fn file(&self, name: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);
        path.into_os_string().into_string().unwrap()
    }

    /// A folder in it.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn folder(&self, name: &str) -> String {
        let path = self.file(name);
        fs::create_dir_all(&path).unwrap();
        path
    }

    /// Writes a file in it.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, octets: &[u8]) -> String {
        let path = self.file(name);
        fs::write(&path, octets).unwrap();
        path
    }
}

impl Default for Chain {
    fn default() -> Self {
        Self::new()
    }
}

/// Made once: it takes a while.
fn rsa() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| crate::sample::Key::Rsa2048.generate())
}

fn params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.key_identifier_method = KeyIdMethod::Sha256;
    params.use_authority_key_identifier_extension = true;
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2040, 1, 1);
    params
}

fn points(issuer: &str) -> Vec<CrlDistributionPoint> {
    let uris = vec![format!("http://pki.kasane.example/{issuer}.crl")];
    vec![CrlDistributionPoint { uris }]
}

fn authority(common_name: &str, issuer: Option<&str>) -> CertificateParams {
    let mut params = params(common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.crl_distribution_points = issuer.map(points).unwrap_or_default();
    params
}

fn terminal(serial: u64, last_year: i32) -> CertificateParams {
    let mut params = params("1312345678-1");
    params.serial_number = Some(SerialNumber::from(serial));
    params.not_after = date_time_ymd(last_year, 1, 1);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.subject_alt_names = vec![SanType::URI(IDENTITY.try_into().unwrap())];
    params.crl_distribution_points = points("issuing");
    params
}

fn crl() -> CertificateRevocationListParams {
    CertificateRevocationListParams {
        this_update: date_time_ymd(2028, 5, 30),
        next_update: date_time_ymd(2028, 6, 3),
        crl_number: SerialNumber::from(7_u64),
        issuing_distribution_point: None,
        revoked_certs: vec![RevokedCertParams {
            serial_number: SerialNumber::from(REVOKED),
            revocation_time: date_time_ymd(2028, 5, 1),
            reason_code: Some(rcgen::RevocationReason::KeyCompromise),
            invalidity_date: None,
        }],
        key_identifier_method: KeyIdMethod::Sha256,
    }
}
