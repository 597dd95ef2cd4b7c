//! An authority with a certificate of every profile, as files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kasane_ca_core::authority::{
    Authority, Devices, Documents, IssueOrder, Parts, RevocationOrder,
};
use kasane_ca_core::ceremony::{self, Script};
use kasane_ca_core::clock::SystemClock;
use kasane_ca_core::fail_point::NoFailPoints;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::key_quality::WeakKeys;
use kasane_ca_core::pipeline::Issued;
use kasane_ca_core::profile::Profiles;
use kasane_ca_core::random::SystemRandom;
use kasane_ca_core::registration::{
    CheckDigit, DnsName, FacilityCode, Identity, SystemRegistration, Wildcard,
};
use kasane_ca_core::request::EnrolmentRequest;
use kasane_ca_core::{Actor, Requester};
use kasane_crl::{CrlKind, PublishedCrl, Publisher, Schedule};
use kasane_hsm::InMemoryBackend;
use kasane_ocsp::Responder;
use kasane_verify::crypto::AwsLc;
use kasane_verify::policy::OVERLAP_TIMELINE_TOML;
use kasane_verify::revocation::RevocationReason;
use x509_cert::certificate::Rfc5280;
use x509_cert::crl::CertificateList;
use x509_cert::der::EncodePem;
use x509_cert::der::pem::LineEnding;
use x509_cert::{Certificate, der::Decode};

use crate::status_listener::{StatusAddress, StatusListener};

/// The ceremony of the demonstration.
pub const SCRIPT: &str = include_str!("../../policy/ceremony/quickstart.toml");

/// The address of status in [`SCRIPT`].
const SHIPPED_URL: &str = "http://127.0.0.1:8080";

/// [`SCRIPT`] with status at another address.
///
/// # Panics
/// When the script does not name its address once.
#[must_use]
pub fn script_with(status_url: &str) -> String {
    assert_eq!(SCRIPT.matches(SHIPPED_URL).count(), 1);
    SCRIPT.replace(SHIPPED_URL, status_url)
}

/// A facility whose check digit is right.
pub const FACILITY: &str = "1312345679";

/// One certificate of the sample.
#[derive(Clone, Debug)]
pub struct SampleCertificate {
    /// `root-rsa`, `terminal-ecc.facility-1312345679-1`.
    pub name: String,
    /// Its profile.
    pub profile: String,
    /// The name of its issuer.
    pub issuer: String,
    /// Its serial number.
    pub serial: Vec<u8>,
    /// DER.
    pub der: Vec<u8>,
    /// The PEM file.
    pub pem: PathBuf,
    /// The file of its private key (PKCS#8 PEM), when a subscriber's.
    pub key: Option<PathBuf>,
}

/// One CRL of the sample.
#[derive(Clone, Debug)]
pub struct SampleCrl {
    /// The list as published.
    pub published: Arc<PublishedCrl>,
    /// The PEM file.
    pub pem: PathBuf,
}

/// The authority and what it made.
pub struct Sample {
    /// The files.
    pub folder: PathBuf,
    /// The authority, running.
    pub authority: Arc<Authority>,
    /// Every certificate it issued.
    pub certificates: Vec<SampleCertificate>,
    /// Every list it published.
    pub crls: Vec<SampleCrl>,
    /// Answers for certificates.
    pub responder: Arc<Responder>,
    /// Serves status where the certificates say.
    pub status: StatusListener,
    pub(crate) backend: Arc<InMemoryBackend>,
    _data: DataFolder,
}

impl Sample {
    /// Makes it in `folder`, which is emptied first. Takes some seconds: RSA keys of CAs.
    ///
    /// # Panics
    /// When anything does not work.
    #[must_use]
    pub fn make(folder: &Path) -> Self {
        let _ = fs::remove_dir_all(folder);
        let data = DataFolder::open_or_create(&folder.join("data")).unwrap();
        let backend = Arc::new(InMemoryBackend::new());
        let parts = Parts {
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            crypto: Arc::new(AwsLc),
            backend: Arc::<InMemoryBackend>::clone(&backend),
            fail_points: Arc::new(NoFailPoints),
            weak_keys: WeakKeys::built_in().unwrap(),
            devices: Devices::default(),
        };
        let address = StatusAddress::take();
        let text = script_with(&address.url());
        let script = Script::from_toml(&text).unwrap();
        let documents = Documents {
            script: &text,
            timeline: OVERLAP_TIMELINE_TOML,
            profiles: Profiles::embedded_files(),
        };
        Authority::begin(&data, &parts, &script.authority, &documents).unwrap();
        let (authority, _) = Authority::start(&data, parts, &mut |_, _| {}).unwrap();
        ceremony::run(&authority, &text, &mut |_| {}).unwrap();
        register(&authority);
        let keys = issue_every_profile(&authority);
        let publisher = Publisher::new(Arc::clone(&authority), Schedule::default()).unwrap();
        let publisher = Arc::new(publisher);
        let sweep = publisher.publish_due(authority.now());
        assert!(sweep.failed.is_empty(), "{:?}", sweep.failed);
        let crls = sweep
            .published
            .into_iter()
            .map(|published| write_crl(folder, published))
            .collect();
        let responder = Arc::new(Responder::new(Arc::clone(&authority)));
        let mut sample = Self {
            folder: folder.to_owned(),
            status: address.serve(&authority, &publisher, &responder, data.ledger()),
            responder,
            backend,
            authority,
            certificates: Vec::new(),
            crls,
            _data: data,
        };
        sample.write(&keys);
        sample
    }

    /// The certificate of that name.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn certificate(&self, name: &str) -> &SampleCertificate {
        let known: Vec<_> = self.certificates.iter().map(|c| &c.name).collect();
        self.certificates
            .iter()
            .find(|certificate| certificate.name == name)
            .unwrap_or_else(|| panic!("no certificate {name}, only {known:?}"))
    }

    /// The PEM file of that name.
    #[must_use]
    pub fn pem(&self, name: &str) -> &Path {
        &self.certificate(name).pem
    }

    /// A file with the certificates of those names one after the other.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn bundle(&self, names: &[&str]) -> PathBuf {
        let path = self.folder.join(format!("bundle.{}.pem", names.join("+")));
        let text: String = names
            .iter()
            .map(|name| fs::read_to_string(self.pem(name)).unwrap())
            .collect();
        // Other tests may be reading it: it is there whole or not at all.
        let thread = format!("{:?}", std::thread::current().id());
        let own = path.with_extension(format!("{}.{thread}", std::process::id()));
        fs::write(&own, text).unwrap();
        fs::rename(&own, &path).unwrap();
        path
    }

    /// The certificates that are no CA's and no OCSP signer's.
    pub fn subscribers(&self) -> impl Iterator<Item = &SampleCertificate> {
        self.certificates.iter().filter(|certificate| {
            ["terminal", "server", "system", "operator"]
                .iter()
                .any(|kind| certificate.profile.starts_with(kind))
        })
    }

    fn write(&mut self, keys: &Keys) {
        let mut found = Vec::new();
        self.authority
            .each_certificate("", &mut |key, row| {
                found.push((key, row));
                true
            })
            .unwrap();
        for (key, row) in found {
            let name = match row.subject.strip_prefix("ca/") {
                Some(name) => name.to_owned(),
                None => format!("{}.{}", row.profile, row.subject.replace('/', "-")),
            };
            let detail = self
                .authority
                .certificate(&key.issuer, &key.serial)
                .unwrap();
            let der = detail.der.unwrap();
            let pem = self.folder.join(format!("{name}.pem"));
            let text = Certificate::from_der(&der)
                .unwrap()
                .to_pem(LineEnding::LF)
                .unwrap();
            fs::write(&pem, text).unwrap();
            let private = keys.get(&key.serial).map(|text| {
                let path = self.folder.join(format!("{name}.key"));
                fs::write(&path, text).unwrap();
                path
            });
            self.certificates.push(SampleCertificate {
                name,
                profile: row.profile,
                issuer: key.issuer,
                serial: key.serial,
                der,
                pem,
                key: private,
            });
        }
    }
}

/// Writes a list as PEM into `folder`.
///
/// # Panics
/// When it cannot be read or written.
#[must_use]
pub fn write_crl(folder: &Path, published: Arc<PublishedCrl>) -> SampleCrl {
    let PublishedCrl {
        issuer,
        shard,
        kind,
        number,
        der,
        ..
    } = &*published;
    let kind = if *kind == CrlKind::Delta {
        "delta"
    } else {
        "full"
    };
    let pem = folder.join(format!("{issuer}-{shard}-{kind}-{number}.crl"));
    let text = CertificateList::<Rfc5280>::from_der(der)
        .unwrap()
        .to_pem(LineEnding::LF)
        .unwrap();
    fs::write(&pem, text).unwrap();
    SampleCrl { published, pem }
}

fn register(authority: &Authority) {
    let actor = Actor::system();
    let code = FacilityCode::parse(FACILITY, CheckDigit::Enforce).unwrap();
    authority.register_facility(&actor, &code, 4).unwrap();
    let systems: [(&str, &[&str], bool, bool); 4] = [
        (
            "eligibility",
            &["eligibility.kasane.example", "*.area.kasane.example"],
            true,
            false,
        ),
        ("prescription", &["prescription.kasane.example"], true, true),
        ("claims", &["claims.kasane.example"], true, false),
        ("batch", &[], false, true),
    ];
    for (name, dns_names, server, client) in systems {
        let dns_names = dns_names
            .iter()
            .map(|name| DnsName::parse(name, Wildcard::Allow).unwrap())
            .collect();
        let system =
            SystemRegistration::new(name.parse().unwrap(), dns_names, server, client).unwrap();
        authority.register_system(&actor, &system).unwrap();
    }
    authority
        .register_operator(&actor, &"hanako".parse().unwrap(), Some("Hanako"))
        .unwrap();
}

/// Private keys (PKCS#8 PEM) by the serial numbers of their certificates.
type Keys = BTreeMap<Vec<u8>, String>;

fn issue_every_profile(authority: &Authority) -> Keys {
    let mut keys = Keys::new();
    let terminal = |number: u16| format!("facility/{FACILITY}/{number}");
    let mut issue = |profile: &str, identity: &str, kind: Key| -> Issued {
        let key = kind.generate();
        let order = order(profile, identity, &key);
        let issued = authority
            .issue(&Requester::local_user(1000), order)
            .unwrap();
        keys.insert(issued.serial.clone(), key.serialize_pem());
        issued
    };
    // Terminal 1: no live twin yet when the ECC one is issued. Terminal 2: with one.
    issue("terminal-ecc", &terminal(1), Key::P384);
    issue("terminal-rsa", &terminal(1), Key::Rsa2048);
    let revoked_rsa = issue("terminal-rsa", &terminal(2), Key::Rsa2048);
    issue("terminal-ecc", &terminal(2), Key::P384);
    issue("terminal-p256", &terminal(3), Key::P256);
    let revoked_ecc = issue("terminal-ecc", &terminal(4), Key::P384);
    issue("server-ecc", "system/eligibility/1", Key::P384);
    issue("server-rsa", "system/prescription/1", Key::Rsa2048);
    issue("server-rsa", "system/claims/1", Key::Rsa3072);
    issue("system-client-ecc", "system/batch/1", Key::P384);
    issue("system-client-rsa", "system/prescription/1", Key::Rsa2048);
    issue("operator", "operator/hanako/1", Key::P384);
    for (issued, reason) in [
        (revoked_rsa, Some(RevocationReason::KeyCompromise)),
        (revoked_ecc, None),
    ] {
        let order = RevocationOrder {
            issuer: &issued.issuer,
            serial: &issued.serial,
            reason,
            invalidity_date: reason.map(|_| authority.now()),
        };
        authority.revoke(&Actor::system(), &order).unwrap();
    }
    keys
}

/// An order with a request signed by `key`, its subject empty.
///
/// # Panics
/// When the identity is not one.
#[must_use]
pub fn order(profile: &str, identity: &str, key: &rcgen::KeyPair) -> IssueOrder {
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let csr = params.serialize_request(key).unwrap();
    let request = EnrolmentRequest::parse(csr.der(), &WeakKeys::built_in().unwrap()).unwrap();
    IssueOrder {
        profile: profile.to_owned(),
        identity: Identity::parse(identity, CheckDigit::Enforce).unwrap(),
        request,
        request_key: None,
        renews: None,
    }
}

/// A kind of subscriber's key.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    /// P-384.
    P384,
    /// P-256.
    P256,
    /// RSA-2048.
    Rsa2048,
    /// RSA-3072.
    Rsa3072,
}

impl Key {
    /// A new key.
    ///
    /// # Panics
    /// When none can be made.
    #[must_use]
    pub fn generate(self) -> rcgen::KeyPair {
        use rcgen::{KeyPair, RsaKeySize};
        match self {
            Self::P384 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384),
            Self::P256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
            Self::Rsa2048 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048),
            Self::Rsa3072 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_3072),
        }
        .unwrap()
    }
}
