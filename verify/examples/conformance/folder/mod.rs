//! Folders of evidence with a `cases.json`: what an OCSP response or CRLs say about a certificate.
//!
//! A case names its files: `file` with everything in PEM blocks, or `crls`, `issuer`,
//! `certificate`, `anchors` and `intermediates` with one object each, PEM or DER. With `anchors`
//! the whole path is verified; with an issuer the evidence is checked under its key; a CRL without
//! issuer can only be read, and says whether it lists `serial`.

mod judge;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kasane_verify::UnixTime;
use serde::Deserialize;

use crate::provider::Provider;
use crate::report::{Outcome, Report};

#[derive(Deserialize)]
struct Document {
    time: Option<String>,
    max_age_seconds: Option<i64>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    file: Option<String>,
    #[serde(alias = "expected_status")]
    expected: String,
    time: Option<String>,
    max_age_seconds: Option<i64>,
    #[serde(default)]
    crls: Vec<String>,
    issuer: Option<String>,
    certificate: Option<String>,
    #[serde(default)]
    anchors: Vec<String>,
    #[serde(default)]
    intermediates: Vec<String>,
    serial: Option<String>,
}

/// The objects of a case in DER, by the label of their PEM block.
type Blocks = BTreeMap<String, Vec<Vec<u8>>>;

const RESPONSE: &str = "OCSP RESPONSE";
const REQUEST: &str = "OCSP REQUEST";
const CRL: &str = "X509 CRL";
const ISSUER: &str = "CA CERTIFICATE";
const CERTIFICATE: &str = "CERTIFICATE";
const ANCHOR: &str = "TRUST ANCHOR";
const INTERMEDIATE: &str = "INTERMEDIATE";

pub(crate) fn run(
    folder: &Path,
    cases: Option<&Path>,
    provider: Provider,
    report: &mut Report,
) -> Result<(), String> {
    let (list, text) = expectations(folder, cases)?;
    let document: Document = serde_json::from_slice(&text)
        .map_err(|error| format!("cannot use {}: {error}", list.display()))?;
    for case in &document.cases {
        let id = case.id.clone();
        let blocks = load(folder, case)?;
        let at = instant(case.time.as_ref().or(document.time.as_ref()))?;
        let max_age_seconds = case.max_age_seconds.or(document.max_age_seconds);
        report.case(&id, || {
            let (actual, reason) =
                judge::judge(case, &blocks, at, max_age_seconds, provider.with_sha1());
            Outcome {
                id: id.clone(),
                expected: case.expected.clone(),
                actual: actual.to_owned(),
                reason,
            }
        });
    }
    Ok(())
}

/// The CRL corpora come without expectations; these are ours.
const BUILT_IN: [(&str, &str); 3] = [
    (
        "amazon",
        include_str!("../../../tests/vectors/cases/crl-amazon.json"),
    ),
    (
        "pyca",
        include_str!("../../../tests/vectors/cases/crl-pyca.json"),
    ),
    (
        "webpki",
        include_str!("../../../tests/vectors/cases/crl-webpki.json"),
    ),
];

/// Where the expectations stand, and their text: a file that was named, the folder's own, or those
/// built in for `crl/NAME`.
fn expectations(folder: &Path, cases: Option<&Path>) -> Result<(PathBuf, Vec<u8>), String> {
    let list = cases.map_or_else(|| folder.join("cases.json"), Path::to_path_buf);
    let error = match std::fs::read(&list) {
        Ok(text) => return Ok((list, text)),
        Err(error) => error,
    };
    let named = |path: &Path, name: &str| path.file_name().is_some_and(|it| it == name);
    let of_crls = folder.parent().is_some_and(|parent| named(parent, "crl"));
    let mut built_in = BUILT_IN.into_iter();
    match built_in.find(|(name, _)| cases.is_none() && of_crls && named(folder, name)) {
        Some((_, text)) => Ok((list, text.as_bytes().to_vec())),
        None => Err(format!(
            "cannot read {}: {error}; name the expectations with --cases",
            list.display()
        )),
    }
}

fn instant(text: Option<&String>) -> Result<UnixTime, String> {
    let text = text.ok_or("cases.json: neither the document nor the case has a time")?;
    text.parse()
        .map_err(|error| format!("cases.json: time: {error}"))
}

fn load(folder: &Path, case: &Case) -> Result<Blocks, String> {
    let mut blocks = Blocks::new();
    let mut add = |label: &str, name: &String| -> Result<(), String> {
        let der = object(&folder.join(name))?;
        blocks.entry(label.to_owned()).or_default().push(der);
        Ok(())
    };
    let single = [(ISSUER, &case.issuer), (CERTIFICATE, &case.certificate)];
    for (label, name) in single {
        name.iter().try_for_each(|name| add(label, name))?;
    }
    let several = [
        (CRL, &case.crls),
        (ANCHOR, &case.anchors),
        (INTERMEDIATE, &case.intermediates),
    ];
    for (label, names) in several {
        names.iter().try_for_each(|name| add(label, name))?;
    }
    if let Some(name) = &case.file {
        let path = folder.join(name);
        let bytes = read(&path)?;
        if kasane_verify::pem::is_der(&bytes) {
            let label = if name.contains("crl") { CRL } else { RESPONSE };
            blocks.entry(label.to_owned()).or_default().push(bytes);
        } else {
            pem_blocks(&bytes, &mut blocks)
                .map_err(|error| format!("cannot use {}: {error}", path.display()))?;
        }
    }
    Ok(blocks)
}

/// The only object of a file.
fn object(path: &PathBuf) -> Result<Vec<u8>, String> {
    let bytes = read(path)?;
    if kasane_verify::pem::is_der(&bytes) {
        return Ok(bytes);
    }
    let mut blocks = Blocks::new();
    pem_blocks(&bytes, &mut blocks)
        .map_err(|error| format!("cannot use {}: {error}", path.display()))?;
    let first = blocks.into_values().flatten().next();
    first.ok_or_else(|| format!("cannot use {}: neither DER nor PEM", path.display()))
}

fn read(path: &PathBuf) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn pem_blocks(bytes: &[u8], into: &mut Blocks) -> Result<(), String> {
    for label in [RESPONSE, REQUEST, CRL, ISSUER, CERTIFICATE] {
        match kasane_verify::pem::blocks(bytes, label) {
            Ok(found) => into.entry(label.to_owned()).or_default().extend(found),
            Err(kasane_verify::pem::PemError::None { .. }) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(())
}
