//! NSS (`vfychain`, `crlutil`): paths by libpkix, status of end entities by OCSP and of CAs by CRL.
//!
//! NSS knows no issuing distribution point. A CRL with one, which an issuing CA's always has since the
//! extension is critical, is refused by name; a root's has none and is taken.

use std::process::Output;
use std::sync::OnceLock;

use kasane_crl::CrlKind;
use kasane_tests::sample::SampleCertificate;
use kasane_tests::tools::{Tool, fail, succeed, text};

use crate::status::REVOKED;
use crate::{sample, ways};

const OCSP_OF_LEAF: [&str; 8] = [
    "-g",
    "leaf",
    "-h",
    "requireFreshInfo",
    "-m",
    "ocsp",
    "-s",
    "failIfNoInfo",
];
const CRLS_OF_LEAF: [&str; 8] = [
    "-g",
    "leaf",
    "-h",
    "requireFreshInfo",
    "-m",
    "crl",
    "-s",
    "failIfNoInfo",
];
const CRLS_OF_CAS: [&str; 8] = [
    "-g",
    "chain",
    "-h",
    "requireFreshInfo",
    "-m",
    "crl",
    "-s",
    "failIfNoInfo",
];

/// A database that trusts one root for everything. NSS looks for trust of OCSP signers nowhere else:
/// an anchor named on the command line is none for them.
fn database(anchor: &str) -> String {
    static MADE: OnceLock<Vec<(&str, String)>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let trusting = |anchor: &'static str| {
            let place = empty(&format!("nss-{anchor}"));
            trust(&place, anchor);
            (anchor, place)
        };
        ["root-ecc", "root-rsa"].map(trusting).to_vec()
    });
    let (_, place) = made.iter().find(|(name, _)| *name == anchor).unwrap();
    place.clone()
}

/// An empty database in a folder of that name.
fn empty(name: &str) -> String {
    let folder = sample().folder.join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let place = format!("sql:{}", folder.display());
    let mut command = Tool::CertUtil.command();
    command.args(["-d", &place, "-N", "--empty-password"]);
    let _ = succeed("certutil -N", &command.output().unwrap());
    place
}

fn trust(database: &str, name: &str) {
    let mut command = Tool::CertUtil.command();
    command.args(["-d", database, "-A", "-n", name, "-t", "CT,C,C", "-a", "-i"]);
    command.arg(sample().pem(name));
    let _ = succeed("certutil -A", &command.output().unwrap());
}

fn verify(certificate: &SampleCertificate, way: &(&str, Vec<&str>), rules: &[&str]) -> Output {
    let usage = if certificate.profile.starts_with("server") {
        "1"
    } else {
        "0"
    };
    let mut command = Tool::VfyChain.command();
    // Twice: CERT_PKIXVerifyCert, which alone knows these rules.
    command.args(["-pp", "-u", usage, "-d", &database(way.0)]);
    command.args(rules).arg("-a").arg(&certificate.pem);
    for name in &way.1 {
        command.arg("-a").arg(sample().pem(name));
    }
    command.output().unwrap()
}

fn is_here(check: &str) -> bool {
    Tool::CertUtil.or_skip(check).is_some() && Tool::VfyChain.or_skip(check).is_some()
}

#[test]
fn nss_sees_every_status_from_both_anchors() {
    if !is_here("NSS: OCSP of end entities, CRLs of CAs") {
        return;
    }
    let rules = [OCSP_OF_LEAF, CRLS_OF_CAS].concat();
    for certificate in sample().subscribers() {
        for way in ways(&certificate.issuer) {
            let what = format!("{} from {}", certificate.name, way.0);
            let output = verify(certificate, &way, &rules);
            if REVOKED.contains(&certificate.name.as_str()) {
                // SEC_ERROR_REVOKED_CERTIFICATE.
                let said = fail(&what, &output);
                assert!(said.contains("-8180"), "{what}: {said}");
            } else {
                let said = succeed(&what, &output);
                assert!(said.contains("Chain is good!"), "{what}: {said}");
            }
        }
    }
}

#[test]
fn nss_refuses_what_was_never_recorded() {
    if !is_here("NSS: a certificate without record") {
        return;
    }
    for name in [
        "terminal-ecc.facility-1312345679-1",
        "terminal-rsa.facility-1312345679-1",
    ] {
        let unrecorded = sample().unrecorded(sample().certificate(name));
        let way = &ways(&unrecorded.issuer)[0];
        let _ = succeed(name, &verify(&unrecorded, way, &[]));
        let said = fail(name, &verify(&unrecorded, way, &OCSP_OF_LEAF));
        assert!(said.contains("-8180"), "{said}");
    }
}

/// What NSS cannot read it does not take for good.
#[test]
fn nss_takes_no_crl_with_a_distribution_point_and_fails_closed() {
    if !is_here("NSS: CRLs with a distribution point") {
        return;
    }
    for certificate in sample().subscribers() {
        let way = &ways(&certificate.issuer)[0];
        let said = text(&verify(certificate, way, &CRLS_OF_LEAF));
        assert!(
            said.contains("Chain is bad!"),
            "{}: {said}",
            certificate.name
        );
    }
    let database = empty("nss-crls");
    for crl in &sample().crls {
        if crl.published.kind == CrlKind::Delta {
            continue;
        }
        let is_root = crl.published.issuer.starts_with("root");
        // One shard stands for the others.
        if !is_root && crl.published.shard > 0 {
            continue;
        }
        let issuer = &crl.published.issuer;
        trust(&database, issuer);
        let file = crl.pem.with_extension("der");
        std::fs::write(&file, &crl.published.der).unwrap();
        let mut command = Tool::CrlUtil.command();
        command.args(["-d", &database, "-I", "-t", "1", "-i"]);
        let said = command.arg(file).output().unwrap();
        if is_root {
            let _ = succeed(issuer, &said);
        } else {
            let said = fail(issuer, &said);
            assert!(
                said.contains("SEC_ERROR_CRL_UNKNOWN_CRITICAL_EXTENSION"),
                "{said}"
            );
        }
    }
}
