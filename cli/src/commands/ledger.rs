//! `kasane ledger`

use std::io::Write;

use clap::Subcommand;
use kasane_ca_core::folder::{DataFolder, FolderError};
use kasane_ca_core::ledger_head::LedgerHead;
use kasane_ledger::{Ledger, NoProjection, Options};
use kasane_web::control::{
    ClockAccept, Entries, LedgerEntries, LedgerProve, LedgerVerify, Problem, Provable, Request,
    Response, audit, read_entries,
};

use crate::answer::Answer;
use crate::args::Global;
use crate::progress::Progress;
use crate::session::execute;

/// Entries asked for at once by an export.
const PAGE: u32 = 500;

/// The ledger: what everything else rests on
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Rehash every entry and compare tiles, journal, private records and checkpoint
    ///
    /// Needs no keys. Exit code 6 names the first entry that does not fit.
    ///
    /// Example:
    ///   kasane ledger verify
    #[command(verbatim_doc_comment)]
    Verify,
    /// Print a proof (C2SP tlog-proof) that an entry or a certificate is in the ledger
    ///
    /// Of a certificate the record is proven: the bytes that were to be signed.
    ///
    /// Example:
    ///   kasane ledger prove 42 > entry-42.proof
    ///   kasane ledger prove 3a5f0c… --outcome
    #[command(verbatim_doc_comment)]
    Prove {
        /// The index of an entry, or with at least 16 digits the serial of a certificate in hex
        what: String,
        /// Prove the signature of the certificate instead of the bytes that were to be signed
        #[arg(long)]
        outcome: bool,
    },
    /// Show one entry
    ///
    /// Example:
    ///   kasane ledger show 0
    #[command(verbatim_doc_comment)]
    Show {
        /// Its index
        index: u64,
    },
    /// Say that the clock is right, and that newer entries bear a wrong time
    ///
    /// Issuance is refused while the clock is behind the ledger's newest entry.
    ///
    /// Example:
    ///   kasane ledger accept-clock --reason "the clock was a year ahead on 2027-05-01"
    #[command(verbatim_doc_comment)]
    AcceptClock {
        /// How the clock came to be wrong
        #[arg(long)]
        reason: String,
    },
    /// Print entries as JSON, one per line
    ///
    /// Example:
    ///   kasane ledger export --from 0 --to 100 > entries.jsonl
    #[command(verbatim_doc_comment)]
    Export {
        /// The first index
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// The index after the last; the present end if not given
        #[arg(long)]
        to: Option<u64>,
    },
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    match args.command {
        Command::Verify => verify(global),
        Command::Prove { what, outcome } => {
            let what = provable(what, outcome);
            execute(global, Request::LedgerProve(LedgerProve { what })).map(Answer::from)
        }
        Command::Show { index } => {
            let entries = Source::of(global)?.read(
                global,
                LedgerEntries {
                    from: index,
                    limit: 1,
                },
            )?;
            Ok(show(entries))
        }
        Command::AcceptClock { reason } => {
            execute(global, Request::ClockAccept(ClockAccept { reason })).map(Answer::from)
        }
        Command::Export { from, to } => export(global, from, to),
    }
}

/// Serials have 16 octets here; no ledger has so many entries.
fn provable(what: String, outcome: bool) -> Provable {
    match what.parse() {
        Ok(index) if what.len() < 16 && !outcome => Provable::Index(index),
        _ if outcome => Provable::Outcome(what),
        _ => Provable::Record(what),
    }
}

/// One entry: its body itself, not a list of one.
fn show(entries: Entries) -> Answer {
    let json = entries
        .entries
        .first()
        .and_then(|entry| serde_json::to_value(entry).ok());
    let mut answer = Answer::from(Response::Entries(entries));
    answer.json = json.unwrap_or_default();
    answer
}

fn verify(global: &Global) -> Result<Answer, Problem> {
    let report = match Source::open(global, true)? {
        Source::Here(ledger, _folder) => {
            let progress = Progress::new("rehashing the ledger");
            let report = audit(&ledger, &mut |done, total| progress.report(done, total));
            close(ledger);
            report.map(Response::LedgerReport)
        }
        Source::Service => execute(global, Request::LedgerVerify(LedgerVerify {})),
    };
    report.map(Answer::from)
}

fn export(global: &Global, from: u64, to: Option<u64>) -> Result<Answer, Problem> {
    let source = Source::of(global)?;
    let mut stdout = std::io::stdout().lock();
    let mut next = from;
    loop {
        let wanted = to.map_or_else(|| PAGE.into(), |to| to.saturating_sub(next));
        let limit = u32::try_from(wanted).unwrap_or(PAGE).min(PAGE);
        if limit == 0 {
            break;
        }
        let page = source.read(global, LedgerEntries { from: next, limit })?;
        for entry in &page.entries {
            let line = serde_json::to_string(entry).unwrap_or_default();
            if writeln!(stdout, "{line}").is_err() {
                // The reader has seen enough.
                return Ok(Answer::default());
            }
            next = entry.index + 1;
        }
        if next >= page.size {
            break;
        }
    }
    Ok(Answer::default())
}

/// Where entries are read: without keys and store if nobody holds the folder.
enum Source {
    Here(Ledger, DataFolder),
    Service,
}

impl Source {
    fn of(global: &Global) -> Result<Self, Problem> {
        Self::open(global, false)
    }

    /// Refuses, if it is to be `checked`, a ledger that lacks its checkpoint or is older than the
    /// one noted beside it.
    fn open(global: &Global, checked: bool) -> Result<Self, Problem> {
        let folder = match DataFolder::open(&global.dir) {
            Ok(folder) => folder,
            Err(FolderError::InUse { .. }) => return Ok(Self::Service),
            Err(error) => return Err(error.into()),
        };
        let opened = Ledger::open(&folder.ledger(), Options::default(), None)?;
        if checked {
            LedgerHead::of(&folder).check(&opened, None)?;
        }
        let size = opened.size();
        let ledger = opened.start(Box::new(NoProjection), size, &mut |_, _| {})?;
        Ok(Self::Here(ledger, folder))
    }

    fn read(&self, global: &Global, question: LedgerEntries) -> Result<Entries, Problem> {
        match self {
            Self::Here(ledger, _) => read_entries(ledger, &question),
            Self::Service => match execute(global, Request::LedgerEntries(question))? {
                Response::Entries(entries) => Ok(entries),
                other => Err(Problem::argument(format!(
                    "an answer of another kind: {other:?}"
                ))),
            },
        }
    }
}

/// Leaves the mark of a clean stop, if the ledger still lets it.
fn close(ledger: Ledger) {
    if let Err(error) = ledger.close() {
        tracing::warn!(code = error.code(), %error, "closing the ledger was not clean");
    }
}
