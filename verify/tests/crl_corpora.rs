//! CRLs of other projects, odd in what their names say: what becomes of each, and why.

#![expect(clippy::unwrap_used, reason = "a test may stop on a failure")]

#[path = "support/skip.rs"]
mod skip;
#[path = "support/vectors.rs"]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use kasane_verify::certificate::Certificate;
use kasane_verify::crl::{CertificateList, IndexedCrl};
use kasane_verify::crypto::{AwsLc, CryptoProvider};
use kasane_verify::pem;

/// What becomes of a CRL.
enum Outcome {
    /// It can be used, and has so many entries.
    Read(usize),
    /// It cannot, with this code.
    Refused(&'static str),
}

use Outcome::{Read, Refused};

const WEBPKI: &[(&str, Outcome)] = &[
    ("crl.delta.der", Read(1)),
    // RFC 5280 §5.1.2.3: a nonempty issuer. This one is empty, not only its list.
    ("crl.empty.der", Refused("crl.empty_issuer")),
    // SIZE (1..MAX), but a CA writes it so, and it says nothing.
    ("crl.entry.empty.ext.seq.der", Read(1)),
    ("crl.entry.invalid.reason.der", Refused("crl.extension")),
    // In UTCTime: see the parser.
    ("crl.entry.invalidity.date.der", Read(1)),
    // Its certificate issuer is no GeneralNames.
    ("crl.entry.issuer.ext.der", Refused("crl.extension")),
    (
        "crl.entry.unknown.crit.ext.der",
        Refused("crl.critical_entry_extension"),
    ),
    // X.690 §11.5 leaves defaults out; the value is clear all the same.
    ("crl.idp.explicit.false.bool.der", Read(0)),
    ("crl.idp.indirect_crl.der", Read(0)),
    // X.690 §11.1: TRUE is FF.
    ("crl.idp.invalid.bool.der", Refused("crl.extension")),
    ("crl.idp.invalid.name.der", Refused("crl.extension")),
    ("crl.idp.name_relative_to_issuer.der", Read(0)),
    ("crl.idp.no_distribution_point_name.der", Read(0)),
    ("crl.idp.only_attribute_certs.der", Read(0)),
    ("crl.idp.only_ca_certs.der", Read(0)),
    ("crl.idp.only_some_reasons.der", Read(0)),
    ("crl.idp.only_user_certs.der", Read(0)),
    ("crl.idp.unknown.tag.der", Refused("crl.extension")),
    ("crl.idp.valid.der", Read(6)),
    (
        "crl.invalid.this.update.time.der",
        Refused("crl.empty_issuer"),
    ),
    (
        "crl.mismatched.sigalg.der",
        Refused("crl.algorithm_mismatch"),
    ),
    // RFC 5280 §5.2 asks issuers for a number and a key identifier, readers for nothing.
    ("crl.missing.exts.der", Read(1)),
    // Read; whoever wants fresh evidence refuses it.
    ("crl.missing.next.update.der", Read(1)),
    ("crl.negative.crl.number.der", Refused("crl.empty_issuer")),
    // Serial numbers are compared as they are written.
    ("crl.negative.serial.der", Read(1)),
    ("crl.no.entry.exts.der", Read(1)),
    // RFC 5280 §5.2.3: at most 20 octets.
    ("crl.too.long.crl.number.der", Refused("crl.extension")),
    ("crl.topbit.serial.der", Read(1)),
    // Read; RFC 5280 §5.2 lets nobody decide by it.
    ("crl.unknown.crit.ext.der", Read(1)),
    ("crl.valid.der", Read(1)),
    ("crl.wrong.version.der", Refused("crl.version")),
];

const PYCA: &[(&str, Outcome)] = &[
    // Its entries name the CRL's own issuer, which changes nothing.
    ("crl_all_reasons.pem", Read(12)),
    ("crl_almost_10k.pem", Read(9999)),
    ("crl_bad_version.pem", Refused("crl.version")),
    ("crl_delta_crl_indicator.pem", Read(0)),
    ("crl_dup_entry_ext.pem", Refused("crl.duplicate_extension")),
    ("crl_empty.pem", Read(0)),
    ("crl_empty_no_sequence.der", Read(0)),
    ("crl_ian_aia_aki.pem", Read(0)),
    ("crl_idp_fullname_indirect_crl.pem", Read(0)),
    ("crl_idp_fullname_only.pem", Read(0)),
    ("crl_idp_fullname_only_aa.pem", Read(0)),
    ("crl_idp_fullname_only_user.pem", Read(0)),
    ("crl_idp_only_ca.pem", Read(0)),
    ("crl_idp_reasons_only.pem", Read(0)),
    ("crl_idp_relative_user_all_reasons.pem", Read(0)),
    ("crl_idp_relativename_only.pem", Read(0)),
    (
        "crl_inner_outer_mismatch.der",
        Refused("crl.algorithm_mismatch"),
    ),
    (
        "crl_inval_cert_issuer_entry_ext.pem",
        Refused("crl.extension"),
    ),
    // Its issuer is empty as well as its date fractional.
    (
        "crl_inval_date_fractional_seconds.der",
        Refused("crl.empty_issuer"),
    ),
    ("crl_invalid_time.der", Refused("crl.malformed")),
    // Names are compared as octets first, and real ones stretch PrintableString.
    ("crl_issuer_invalid_printable_string.der", Read(1)),
    (
        "crl_md2_unknown_crit_entry_ext.pem",
        Refused("crl.critical_entry_extension"),
    ),
    ("crl_no_next_update.pem", Read(0)),
    ("crl_unrecognized_extension.der", Read(0)),
    ("crl_unsupported_reason.pem", Refused("crl.extension")),
    ("invalid_signature_crl.pem", Read(0)),
    ("valid_signature_crl.pem", Read(0)),
];

#[test]
fn every_odd_crl_is_read_or_refused_as_decided() {
    let Some(folder) = corpora() else { return };
    for (project, table) in [("webpki", WEBPKI), ("pyca", PYCA)] {
        let folder = folder.join(project);
        for (name, outcome) in table {
            let found = IndexedCrl::from_der(read(&folder.join(name)));
            match (outcome, found) {
                (Read(count), Ok(crl)) => {
                    assert_eq!(crl.entry_count(), *count, "{name}");
                    same_as_a_scan(&crl, name);
                }
                (Refused(code), Err(error)) => assert_eq!(error.code(), *code, "{name}"),
                (Read(_), Err(error)) => panic!("{name}: {error}"),
                (Refused(_), Ok(_)) => panic!("{name} is read"),
            }
        }
        let known: BTreeSet<_> = table.iter().map(|(name, _)| (*name).to_owned()).collect();
        let unknown: Vec<_> = crls_in(&folder)
            .into_iter()
            .filter(|name| !known.contains(name))
            .collect();
        assert_eq!(unknown, Vec::<String>::new(), "each has a row");
    }
}

#[test]
fn crls_of_a_public_authority_verify_and_are_indexed() {
    let Some(folder) = corpora() else { return };
    let folder = folder.join("amazon");
    let mut count = 0;
    for name in crls_in(&folder) {
        let crl = IndexedCrl::from_der(read(&folder.join(&name))).unwrap();
        let issuer = read(&folder.join(name.replace(".crl", ".cer")));
        let issuer = Certificate::from_der(&issuer).unwrap();
        let key = AwsLc.public_key(issuer.spki()).unwrap();
        assert_eq!(crl.verify_signature(&*key, issuer.spki()), Ok(()), "{name}");
        same_as_a_scan(&crl, &name);
        count += 1;
    }
    assert_eq!(count, 20);
}

fn same_as_a_scan(crl: &IndexedCrl, name: &str) {
    for entry in crl.list().entries() {
        let entry = entry.unwrap();
        let found = crl.find(entry.serial).unwrap().unwrap();
        assert_eq!(found.serial, entry.serial, "{name}");
        assert_eq!(found.revocation_date, entry.revocation_date, "{name}");
        let mut other = entry.serial.to_vec();
        other.extend([1; 30]);
        assert_eq!(crl.find(&other), Ok(None), "{name}");
    }
}

fn read(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    if !bytes.starts_with(b"-----") {
        return bytes;
    }
    pem::crls(&bytes).unwrap().into_iter().next().unwrap()
}

/// The CRLs of a folder; certificates and extensions lie among them.
fn crls_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let extension = path.extension().and_then(|it| it.to_str());
            match extension {
                Some("der" | "crl") => true,
                Some("pem") => pem::crls(&fs::read(path).unwrap()).is_ok(),
                _ => false,
            }
        })
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

fn corpora() -> Option<PathBuf> {
    support::vectors("crl", "CRLs of other projects")
}

/// The entries end, whatever the octets are.
#[test]
fn changed_corpora_never_panic() {
    let Some(folder) = corpora() else { return };
    let folder = folder.join("pyca");
    let der = read(&folder.join("crl_all_reasons.pem"));
    for position in 0..der.len() {
        for change in [0x01, 0x80, 0x20, 0xff] {
            let mut changed = der.clone();
            changed[position] ^= change;
            let listed = CertificateList::from_der(&changed).is_ok();
            if let Ok(crl) = IndexedCrl::from_der(changed) {
                assert!(listed && crl.entry_count() <= 13);
                let _ = crl.find(&[6]);
            }
        }
    }
}
