//! `kasane verify-service`

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::ValueEnum;
use kasane_verify::policy::Class;
use kasane_verify::revocation::{Requirement, Sources};
use kasane_web::control::Problem;

use crate::answer::Answer;
use crate::verify_service::{self, Options, Place};

/// Verify chains for programs on this machine that cannot link the library: HTTP and JSON
///
/// Needs no data folder and holds no keys. Answers POST /v1/verify, POST /v1/explain, GET /v1/health
/// and GET /openapi.json on a Unix socket that only its owner may use, or on a loopback address.
/// CRLs are read again when their files change. Ends with SIGINT or SIGTERM.
///
/// Example:
///   kasane verify-service --anchors roots.pem --crl /var/lib/kasane/crls --socket /run/kasane/verify.sock
///   curl --unix-socket /run/kasane/verify.sock http://localhost/v1/health
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Trust these certificates, PEM; may be repeated
    #[arg(long, value_name = "FILE", required = true)]
    anchors: Vec<PathBuf>,
    /// CA certificates that callers need not send, such as cross-certificates, PEM; may be repeated
    #[arg(long, value_name = "FILE")]
    intermediates: Vec<PathBuf>,
    /// The Unix socket, mode 0600
    #[arg(long, value_name = "PATH", default_value = "./kasane-verify.sock")]
    socket: PathBuf,
    /// Listen on this loopback address instead: every user of this machine may then ask
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "socket")]
    listen: Option<SocketAddr>,
    /// The dated policy, TOML; the built-in one if not given
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// What end entities are when a request does not say
    #[arg(long, default_value = "terminal", value_parser = class)]
    class: Class,
    /// What revocation status end entities must have
    #[arg(long, value_enum, default_value = "hard-fail")]
    revocation: RequirementArg,
    /// What revocation status the CAs above them must have; the same if not given
    #[arg(long, value_enum)]
    ca_revocation: Option<RequirementArg>,
    /// Which evidence counts, and which is looked at first
    #[arg(long, value_enum, default_value = "ocsp-then-crl")]
    sources: SourcesArg,
    /// A CRL, or a folder of CRLs (*.crl, *.der, *.pem); may be repeated
    #[arg(long, value_name = "PATH")]
    crl: Vec<PathBuf>,
}

fn class(name: &str) -> Result<Class, String> {
    name.parse().map_err(|error| format!("{error}"))
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RequirementArg {
    HardFail,
    SoftFail,
    DangerouslyUnchecked,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SourcesArg {
    OcspThenCrl,
    CrlThenOcsp,
    OcspOnly,
    CrlOnly,
}

impl From<RequirementArg> for Requirement {
    fn from(argument: RequirementArg) -> Self {
        match argument {
            RequirementArg::HardFail => Self::HardFail,
            RequirementArg::SoftFail => Self::SoftFail,
            RequirementArg::DangerouslyUnchecked => Self::DangerouslyUnchecked,
        }
    }
}

impl From<SourcesArg> for Sources {
    fn from(argument: SourcesArg) -> Self {
        match argument {
            SourcesArg::OcspThenCrl => Self::OcspThenCrl,
            SourcesArg::CrlThenOcsp => Self::CrlThenOcsp,
            SourcesArg::OcspOnly => Self::OcspOnly,
            SourcesArg::CrlOnly => Self::CrlOnly,
        }
    }
}

pub(crate) fn run(args: Args) -> Result<Answer, Problem> {
    verify_service::run(Options {
        anchors: args.anchors,
        intermediates: args.intermediates,
        place: args
            .listen
            .map_or(Place::Socket(args.socket), Place::Address),
        policy: args.policy,
        class: args.class,
        end_entity: args.revocation.into(),
        authorities: args.ca_revocation.unwrap_or(args.revocation).into(),
        sources: args.sources.into(),
        crls: args.crl,
    })?;
    Ok(Answer::default())
}
