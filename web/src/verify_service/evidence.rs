//! Chains and evidence in a request.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kasane_verify::crl::IndexedCrl;
use kasane_verify::path::GivenUp;
use kasane_verify::pem;
use kasane_verify::revocation::Evidence;

use super::problem::Problem;
use super::question::VerifyRequest;

/// Most certificates of a request, and most pieces of evidence.
const MAX_CERTIFICATES: usize = 100;
const MAX_EVIDENCE: usize = 100;

/// The certificates of a request in DER, the end entity first.
pub(super) fn chain(request: &VerifyRequest) -> Result<Vec<Vec<u8>>, Problem> {
    let certificates = match (&request.chain_pem, request.chain.as_slice()) {
        (Some(text), []) => pem::certificates(text.as_bytes())
            .map_err(|error| Problem::unreadable(error.code(), "chain_pem", error))?,
        (None, [_, ..]) => decode_all("chain", &request.chain)?,
        (None, []) => {
            let detail = "chain or chain_pem is missing: send the certificates";
            return Err(Problem::malformed(detail));
        }
        (Some(_), _) => return Err(Problem::malformed("send chain or chain_pem, not both")),
    };
    if certificates.len() > MAX_CERTIFICATES {
        return Err(Problem::malformed(format!(
            "chain: more than {MAX_CERTIFICATES} certificates"
        )));
    }
    Ok(certificates)
}

/// The evidence of a request.
pub(super) fn evidence(request: &VerifyRequest) -> Result<Vec<Evidence>, Problem> {
    if request.crls.len() + request.ocsp.len() > MAX_EVIDENCE {
        return Err(Problem::malformed(format!(
            "crls, ocsp: more than {MAX_EVIDENCE} pieces of evidence"
        )));
    }
    let mut evidence = Vec::new();
    for der in decode_all("crls", &request.crls)? {
        let crl = IndexedCrl::from_der(der)
            .map_err(|error| Problem::unreadable(error.code(), "crls", error))?;
        evidence.push(Evidence::Crl(Arc::new(crl)));
    }
    for der in decode_all("ocsp", &request.ocsp)? {
        let response = Evidence::ocsp(&der)
            .map_err(|error| Problem::unreadable(error.code(), "ocsp", error))?;
        evidence.push(response);
    }
    Ok(evidence)
}

pub(super) fn given_up(request: &VerifyRequest) -> Result<GivenUp, Problem> {
    let mut given_up = GivenUp::default();
    for certificate in &request.given_up {
        let issuer = decode("given_up", &certificate.issuer)?;
        given_up.add_certificate(issuer, certificate.serial.clone());
    }
    Ok(given_up)
}

fn decode_all(field: &str, texts: &[String]) -> Result<Vec<Vec<u8>>, Problem> {
    texts.iter().map(|text| decode(field, text)).collect()
}

fn decode(field: &str, text: &str) -> Result<Vec<u8>, Problem> {
    STANDARD
        .decode(text)
        .map_err(|error| Problem::malformed(format!("{field}: no base64: {error}")))
}
