//! `kasane show`

use std::path::Path;

use der::pem::LineEnding;
use kasane_verify::pem;
use kasane_web::control::{
    CertificateView, ExitClass, Problem, Request, Response, Show, describe_certificate,
};

use super::files;
use crate::answer::Answer;
use crate::args::Global;
use crate::session::execute;

/// Largest certificate file that is read.
const MAX_FILE_BYTES: usize = 1024 * 1024;

/// Show a certificate: by serial, by name of a CA, by subject, or from a file
///
/// Example:
///   kasane show 3a5f…
///   kasane show root-ecc --pem
///   kasane show facility/1312345679/1
///   kasane show ./terminal.pem
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Serial in hex, CA (root-ecc, root-ecc-by-rsa), subject (its newest) or file
    name: String,
    /// The issuer, when several used that serial
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    /// Print the certificate only
    #[arg(long)]
    pem: bool,
    /// Put the CA certificates above it behind it, the root left out
    #[arg(long, requires = "pem")]
    chain: bool,
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let path = Path::new(&args.name);
    let response = if path.is_file() {
        Response::Certificate(Box::new(from_file(path)?))
    } else {
        execute(
            global,
            Request::Show(Show {
                name: args.name,
                issuer: args.issuer,
            }),
        )?
    };
    let only = match &response {
        Response::Certificate(view) if args.pem && args.chain => {
            Some(format!("{}{}", view.pem, view.chain_pem))
        }
        Response::Certificate(view) if args.pem => Some(view.pem.clone()),
        _ => None,
    };
    let mut answer = Answer::from(response);
    if let Some(only) = only {
        answer.text = only;
        answer.notes = String::new();
    }
    Ok(answer)
}

/// The first certificate of a PEM or DER file.
fn from_file(path: &Path) -> Result<CertificateView, Problem> {
    let bytes = files::read_limited(path, MAX_FILE_BYTES)?;
    let der = if pem::is_der(&bytes) {
        bytes
    } else {
        let found = pem::certificates(&bytes)
            .map_err(|error| Problem::new(ExitClass::Refused, error.code(), error.to_string()))?;
        found.into_iter().next().unwrap_or_default()
    };
    let content = describe_certificate(&der)?;
    let pem = der::pem::encode_string("CERTIFICATE", LineEnding::LF, &der)
        .map_err(|error| Problem::new(ExitClass::Internal, "encoding.failed", error.to_string()))?;
    Ok(CertificateView {
        known: None,
        content: Some(content),
        pem,
        chain_pem: String::new(),
    })
}
