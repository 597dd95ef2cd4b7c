//! `kasane responder`

mod status;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Subcommand;
use kasane_ca_core::follower::Enrolment;
use kasane_web::control::{
    ExitClass, Problem, Request, ResponderEnrol, ResponderList, ResponderRemove, Response,
};
use serde_json::json;

use crate::answer::Answer;
use crate::args::Global;
use crate::responder::{feed_key, folder, service};
use crate::session::execute;

/// Edge responders: answer OCSP elsewhere, without CA keys
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// At the authority: enrol an edge, or give one that is enrolled a new token
    ///
    /// Writes a file for 'responder init', which holds the edge's token: carry it there by a way that
    /// you trust, and delete it. The service must run with --feed at that address.
    ///
    /// Example:
    ///   kasane responder enrol edge-1 --feed ca.kasane.example:8443 --out edge-1.enrolment \
    ///     --url http://ocsp-1.kasane.example
    #[command(verbatim_doc_comment)]
    Enrol {
        /// Its name: 2 to 32 of a-z, 0-9 and '-'
        name: String,
        /// Where the edge reaches the authority's feed
        #[arg(long, value_name = "HOST:PORT")]
        feed: String,
        /// Where relying systems will ask the edge, for those who wait until every responder shows
        /// a revocation
        #[arg(long, value_name = "URL", default_value = "")]
        url: String,
        /// The file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// At the authority: list the edges, when each was heard of, and what it was missing then
    List,
    /// At the authority: end an edge; its token is worth nothing then, its signers are revoked
    ///
    /// Example:
    ///   kasane responder remove edge-1 --reason 'moved to another site'
    #[command(verbatim_doc_comment)]
    Remove {
        /// Its name
        name: String,
        /// Why; public in the ledger
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// At the edge: make a folder into an edge
    ///
    /// Example:
    ///   kasane responder init --dir ./edge-1 --enrolment edge-1.enrolment
    #[command(verbatim_doc_comment)]
    Init {
        /// What 'responder enrol' wrote
        #[arg(long, value_name = "FILE")]
        enrolment: PathBuf,
        /// The folder is an edge already: give it its new token
        #[arg(long)]
        again: bool,
    },
    /// At the edge: follow the authority and answer OCSP, until SIGINT or SIGTERM
    ///
    /// Goes on answering when the authority is gone, from what it knows and until that is too old.
    ///
    /// Example:
    ///   kasane responder serve --dir ./edge-1 --listen 127.0.0.1:8081
    #[command(verbatim_doc_comment)]
    Serve {
        /// Where OCSP is served
        #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8081")]
        listen: SocketAddr,
    },
    /// At the edge: tell how current it is; exit code 1 when it does not answer
    ///
    /// Example:
    ///   kasane responder status --dir ./edge-1
    #[command(verbatim_doc_comment)]
    Status {
        /// Where it is served; where the edge in DIR was started last, if not given
        #[arg(long, value_name = "ADDRESS:PORT")]
        address: Option<SocketAddr>,
    },
}

impl Args {
    pub(crate) const fn may_use_devices(&self) -> bool {
        matches!(
            self.command,
            Command::Enrol { .. } | Command::List | Command::Remove { .. }
        )
    }

    pub(crate) const fn is_service(&self) -> bool {
        matches!(self.command, Command::Serve { .. })
    }
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    match args.command {
        Command::Enrol {
            name,
            feed,
            url,
            out,
        } => enrol(global, name, feed, url, &out),
        Command::List => {
            execute(global, Request::ResponderList(ResponderList {})).map(Answer::from)
        }
        Command::Remove { name, reason } => {
            let order = ResponderRemove { name, reason };
            execute(global, Request::ResponderRemove(order)).map(Answer::from)
        }
        Command::Init { enrolment, again } => init(global, &enrolment, again),
        Command::Serve { listen } => {
            service::run(global, listen)?;
            Ok(Answer::default())
        }
        Command::Status { address } => status::run(global, address),
    }
}

fn enrol(
    global: &Global,
    name: String,
    feed: String,
    url: String,
    out: &std::path::Path,
) -> Result<Answer, Problem> {
    if out.exists() {
        let message = format!("{}: exists already; nothing was enrolled", out.display());
        return Err(Problem::new(ExitClass::Conflict, "file.io", message));
    }
    // From the request on an older token is worth nothing: what can be refused is refused before.
    let key = feed_key::of(&global.dir)?;
    let port = feed.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
    if !matches!(port, Some(Ok(1..))) {
        let message = format!("--feed {feed:?}: write HOST:PORT, as ca.kasane.example:8443");
        return Err(Problem::argument(message));
    }
    let request = Request::ResponderEnrol(ResponderEnrol { name, url });
    let Response::ResponderEnrolled(enrolled) = execute(global, request)? else {
        let message = "the answer is of another kind";
        return Err(Problem::new(ExitClass::Internal, "internal", message));
    };
    let enrolment = Enrolment {
        name: enrolled.name,
        feed,
        feed_key_sha256: hex::encode(key.spki_sha256()),
        ledger_key: enrolled.ledger_key,
        status_url: enrolled.status_url,
    };
    // What the edge would refuse is refused here.
    let text = toml::to_string(&enrolment).unwrap_or_default();
    Enrolment::from_toml(&text)?;
    folder::write_enrolment(out, &enrolment, &enrolled.token)?;
    Ok(Answer {
        text: format!(
            "responder {} enrolled: carry {} to it, run 'kasane responder init' there, delete the file\n",
            enrolment.name,
            out.display()
        ),
        json: json!({ "responder": enrolment.name, "enrolment": out }),
        ..Answer::default()
    })
}

fn init(global: &Global, file: &std::path::Path, again: bool) -> Result<Answer, Problem> {
    let (enrolment, made) = if again {
        (folder::enrol_again(global, file)?, None)
    } else {
        folder::create(global, file)?
    };
    let notes = made.map_or_else(String::new, |path| {
        format!(
            "the passphrase of its keys was made in {}: whoever has the folder has the keys; name a \
             file elsewhere with --passphrase-file\n",
            path.display()
        )
    });
    Ok(Answer {
        text: format!(
            "edge {} is ready in {}: start it with 'kasane responder serve', and delete {}\n",
            enrolment.name,
            global.dir.display(),
            file.display()
        ),
        json: json!({ "responder": enrolment.name, "dir": global.dir }),
        notes,
        ..Answer::default()
    })
}
