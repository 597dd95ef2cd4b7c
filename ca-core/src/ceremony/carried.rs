//! What a ceremony made for others: files to be carried to them.

use der::pem::LineEnding;

use super::Script;
use crate::Error;
use crate::authority::{Authority, CrlKind};

/// A file to be carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarriedFile {
    /// Its name: `issuing-rsa.csr`, `root-rsa.pem`, `root-rsa-0.crl`.
    pub name: String,
    /// Its content, PEM.
    pub content: String,
}

/// Requests (with attestations beside them), certificates and full CRLs of the script's steps, from
/// the ledger: the same however often they are asked for.
///
/// # Errors
/// [`Error::Ledger`] or [`Error::Store`].
pub fn carried(authority: &Authority, script: &Script) -> Result<Vec<CarriedFile>, Error> {
    let mut files = Vec::new();
    let mut add = |name: String, label: &str, der: &[u8]| -> Result<(), Error> {
        files.push(CarriedFile {
            name,
            content: pem(label, der)?,
        });
        Ok(())
    };
    for step in &script.requests {
        if let Some(request) = authority.certification_request(&step.name)? {
            add(
                format!("{}.csr", step.name),
                "CERTIFICATE REQUEST",
                &request.der,
            )?;
            if let Some(attestation) = request.attestation {
                let name = format!("{}.attestation.der", step.name);
                add(name, "KASANE ATTESTATION", &attestation)?;
            }
        }
    }
    let certificates = script.certificates.iter().map(|step| &step.name);
    for name in certificates.chain(script.crosses.iter().map(|step| &step.name)) {
        let made = authority.certificates_of(&format!("ca/{name}"))?;
        if let Some((_, row)) = made.last()
            && let Some(der) = authority.certificate_der(row)?
        {
            add(format!("{name}.pem"), "CERTIFICATE", &der)?;
        }
    }
    for issuer in authority.issuers().iter().filter(|it| it.has_key()) {
        let asked =
            script.crls.is_empty() || script.crls.iter().any(|it| it.issuer == issuer.name());
        for shard in (0..issuer.crl_shards).filter(|_| asked) {
            if let Some(crl) = authority.current_crl(issuer.name(), shard, CrlKind::Full)? {
                add(
                    format!("{}-{shard}.crl", issuer.name()),
                    "X509 CRL",
                    &crl.der,
                )?;
            }
        }
    }
    Ok(files)
}

fn pem(label: &str, der: &[u8]) -> Result<String, Error> {
    der::pem::encode_string(label, LineEnding::LF, der)
        .map_err(|error| Error::Encoding(der::Error::from(error)))
}
