//! `kasane issue`

use std::path::PathBuf;

use kasane_web::control::{Issue, IssuedCertificate, Problem, Request, Response};

use super::files::{self, NewFile};
use crate::answer::Answer;
use crate::args::Global;
use crate::session::execute;

/// Issue a certificate for a registered terminal, system or member of staff
///
/// The names come from the registration, never from the request: its subject may be empty or the
/// registered one.
///
/// Example:
///   kasane issue --profile terminal-ecc --facility 1312345679 --terminal 1 --csr terminal.csr --out terminal.pem
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The profile; terminals get terminal-ecc and staff get operator if none is named
    #[arg(long)]
    profile: Option<String>,
    #[command(flatten)]
    subject: Subject,
    /// The terminal of the facility, from 1
    #[arg(long, value_name = "N", requires = "facility")]
    terminal: Option<u16>,
    /// Which machine of the system or certificate of the person
    #[arg(long, value_name = "N", conflicts_with = "facility")]
    number: Option<u16>,
    #[command(flatten)]
    request: RequestArgs,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Subject {
    /// The ten-digit code of a registered facility
    #[arg(long, value_name = "CODE", requires = "terminal")]
    facility: Option<String>,
    /// A registered server or system client
    #[arg(long, value_name = "NAME")]
    system: Option<String>,
    /// A registered member of staff
    #[arg(long, value_name = "NAME")]
    operator: Option<String>,
}

/// The request, and where its certificate goes.
#[derive(Debug, clap::Args)]
pub(super) struct RequestArgs {
    /// The PKCS#10 request, PEM or DER; '-' is standard input
    #[arg(long, value_name = "FILE")]
    pub(super) csr: PathBuf,
    /// Asking again under the same key gives the same certificate
    #[arg(long, value_name = "KEY")]
    pub(super) request_key: Option<String>,
    /// Write the certificate to a new file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Put the CA certificates above it behind it, the root left out
    #[arg(long)]
    pub(super) chain: bool,
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let Subject {
        facility,
        system,
        operator,
    } = args.subject;
    let number = args.number.unwrap_or(1);
    let (identity, default_profile) = match (facility, system, operator) {
        (Some(code), _, _) => (
            format!("facility/{code}/{}", args.terminal.unwrap_or(1)),
            Some("terminal-ecc"),
        ),
        (_, Some(name), _) => (format!("system/{name}/{number}"), None),
        (_, _, Some(name)) => (format!("operator/{name}/{number}"), Some("operator")),
        (None, None, None) => {
            return Err(Problem::argument("name --facility, --system or --operator"));
        }
    };
    let profile = args
        .profile
        .or_else(|| default_profile.map(str::to_owned))
        .ok_or_else(|| {
            Problem::argument(
                "name --profile: server-ecc, server-rsa, system-client-ecc or system-client-rsa",
            )
        })?;
    let csr_base64 = files::read_csr(&args.request.csr)?;
    let request = Request::Issue(Issue {
        profile,
        identity,
        csr_base64,
        request_key: args.request.request_key.clone(),
    });
    deliver(global, request, &args.request)
}

/// Has the certificate made and puts it where it was asked for.
pub(super) fn deliver(
    global: &Global,
    request: Request,
    args: &RequestArgs,
) -> Result<Answer, Problem> {
    let out = args.out.as_deref().map(NewFile::create).transpose()?;
    let response = execute(global, request)?;
    let Response::Issued(issued) = &response else {
        return Ok(response.into());
    };
    let IssuedCertificate {
        pem,
        chain_pem,
        serial,
        ..
    } = issued;
    let serial = serial.clone();
    let text = if args.chain {
        format!("{pem}{chain_pem}")
    } else {
        pem.clone()
    };
    let mut answer = Answer::from(response);
    match out {
        Some(mut file) => {
            file.fill(text.as_bytes()).map_err(|mut problem| {
                problem.message = format!(
                    "{}; the certificate was issued: 'kasane show {serial} --pem' prints it",
                    problem.message
                );
                problem
            })?;
            let path = file.path().display();
            answer.notes.push_str(&format!("written to {path}\n"));
            answer.text = String::new();
        }
        None => answer.text = text,
    }
    Ok(answer)
}
