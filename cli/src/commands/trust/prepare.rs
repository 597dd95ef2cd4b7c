//! `kasane trust officers` and `kasane trust prepare`

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Subcommand;
use kasane_ca_core::clock::{Clock, SystemClock};
use kasane_verify::UnixTime;
use kasane_verify::crypto::AwsLc;
use kasane_verify::path::TrustAnchor;
use kasane_verify::pem;
use kasane_verify::policy::Text;
use kasane_verify::trust::{
    Anchor, AnchorBundle, Area, DomainId, Emergency, Header, Kind, Officer, OfficerSet, Succession,
    TrustDocument, TrustError,
};
use kasane_web::control::Problem;

use super::documents::{MAX_INPUT_BYTES, deliver, read_officers, read_public_key};
use super::refused;
use crate::answer::Answer;
use crate::commands::files;

/// How long documents last unless said otherwise, in days: one that should be renewed every year has
/// a month to spare.
const OFFICERS_DAYS: i64 = 1826;
const YEARLY_DAYS: i64 = 396;

/// Make the first officers document of a network, unsigned
///
/// Its fingerprint is what letters print and relying systems pin. Officers who come later are named
/// by 'kasane trust prepare officers'.
///
/// Example:
///   kasane trust officers --domain kasane.example --threshold 2 --officer 'Sato=sato.pem'
///     --officer 'Mori=mori.pem' --officer 'Abe=abe.pem' --out officers-1.pem
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct FirstOfficers {
    /// The network: 1 to 64 of a-z, 0-9, '.', '-' and '/'
    #[arg(long)]
    domain: DomainId,
    #[command(flatten)]
    people: People,
    #[command(flatten)]
    dates: Dates,
}

/// Make an unsigned document; officers sign it with 'kasane trust sign'
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Officers who take over: signed by the old quorum and by the new one
    ///
    /// The same people may be named again, to renew the expiry or change the threshold.
    ///
    /// Example:
    ///   kasane trust prepare officers --officers officers-1.pem --threshold 2
    ///     --officer 'Mori=mori.pem' --officer 'Abe=abe.pem' --officer 'Ito=ito.pem' --out officers-2.pem
    #[command(verbatim_doc_comment)]
    Officers {
        /// The officers document in force
        #[arg(long, value_name = "FILE")]
        officers: PathBuf,
        #[command(flatten)]
        people: People,
        #[command(flatten)]
        dates: Dates,
    },
    /// The dated policy: a timeline, octet by octet
    ///
    /// Example:
    ///   kasane trust prepare policy policy/timeline.toml --officers officers-1.pem --number 1
    #[command(verbatim_doc_comment)]
    Policy {
        /// The timeline, TOML
        timeline: PathBuf,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        dates: Dates,
    },
    /// The trust anchors: all of them, this document replaces the one before
    ///
    /// Example:
    ///   kasane trust prepare anchors root-ecc.pem root-rsa.pem@2031-03-31T14:59:59Z
    ///     --officers officers-1.pem --number 1
    #[command(verbatim_doc_comment)]
    Anchors {
        /// CA certificates, PEM; after '@' the last second at which those of the file are anchors
        #[arg(required = true, value_name = "FILE[@TIME]")]
        certificates: Vec<String>,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        dates: Dates,
    },
    /// An emergency: unavailable revocation status is tolerated in an area for at most 30 days
    ///
    /// The newest declaration stands alone: name every area concerned. One whose --from and --until
    /// are in the past withdraws what was declared before.
    ///
    /// Example:
    ///   kasane trust prepare emergency --id quake-2028-06 --area 13,14 --until 2028-06-15
    ///     --reason 'earthquake' --reason-ja '地震' --officers officers-1.pem --number 1
    #[command(verbatim_doc_comment)]
    Emergency(EmergencyArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct EmergencyArgs {
    /// The name that reports give: 1 to 64 of a-z, 0-9 and '-'
    #[arg(long)]
    id: String,
    /// 'all', or codes of prefectures: 13,14
    #[arg(long)]
    area: Area,
    /// The first second; now if not given
    #[arg(long, value_name = "TIME")]
    from: Option<UnixTime>,
    /// The last second
    #[arg(long, value_name = "TIME")]
    until: UnixTime,
    /// Why, in English
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Why, in Japanese
    #[arg(long, value_name = "TEXT")]
    reason_ja: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Debug, clap::Args)]
pub(super) struct People {
    /// How many of the officers must sign
    #[arg(long, value_name = "M")]
    threshold: usize,
    /// An officer and the file of their public key, PEM; once for each
    #[arg(long = "officer", required = true, value_name = "NAME=FILE")]
    named: Vec<OfficerArg>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Place {
    /// The officers document in force: who will sign, and for which network
    #[arg(long, value_name = "FILE")]
    officers: PathBuf,
    /// One more than the newest document of this kind; the first is 1
    #[arg(long)]
    number: u64,
}

#[derive(Debug, clap::Args)]
pub(super) struct Dates {
    /// When it is issued; now if not given
    #[arg(long, value_name = "TIME")]
    issued: Option<UnixTime>,
    /// The last second at which it is accepted
    #[arg(long, value_name = "TIME")]
    expires: Option<UnixTime>,
    /// Write the document to this new file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Debug)]
struct OfficerArg {
    name: String,
    file: PathBuf,
}

pub(super) fn first_officers(args: FirstOfficers) -> Result<Answer, Problem> {
    let set = args.people.read(args.domain)?;
    let content = Succession::first(set);
    args.dates
        .document(Kind::Officers, &content, 1, content_of(content.to_der())?)
}

pub(super) fn run(command: Command) -> Result<Answer, Problem> {
    match command {
        Command::Officers {
            officers,
            people,
            dates,
        } => {
            let (document, current) = read_officers(&officers)?;
            let previous = current.set().clone();
            let set = people.read(previous.domain().clone())?;
            let content = Succession::rotation(previous, set).map_err(refused)?;
            let number = document.header().number.saturating_add(1);
            dates.document(
                Kind::Officers,
                &content,
                number,
                content_of(content.to_der())?,
            )
        }
        Command::Policy {
            timeline,
            place,
            dates,
        } => {
            let content = files::read_limited(&timeline, MAX_INPUT_BYTES)?;
            place.document(&dates, Kind::Policy, content)
        }
        Command::Anchors {
            certificates,
            place,
            dates,
        } => {
            let content = content_of(bundle(&certificates)?.to_der())?;
            place.document(&dates, Kind::Anchors, content)
        }
        Command::Emergency(args) => emergency(args),
    }
}

fn emergency(args: EmergencyArgs) -> Result<Answer, Problem> {
    let reason = Text {
        en: args.reason,
        ja: args.reason_ja,
    };
    let from = args.from.unwrap_or_else(|| SystemClock.now());
    let declaration = Emergency::new(args.id, args.area, from, args.until, reason);
    let content = content_of(declaration.and_then(|it| it.to_der()))?;
    let mut dates = args.dates;
    // The document goes when the emergency does; one that withdraws another may still be fetched.
    let issued = *dates.issued.get_or_insert_with(|| SystemClock.now());
    dates
        .expires
        .get_or_insert_with(|| args.until.max(issued.plus_days(1)));
    args.place.document(&dates, Kind::Emergency, content)
}

fn bundle(certificates: &[String]) -> Result<AnchorBundle, Problem> {
    let mut anchors = Vec::new();
    for argument in certificates {
        let (file, used_until) = match argument.rsplit_once('@') {
            Some((file, time)) => {
                let time = time.parse().map_err(|error| {
                    Problem::argument(format!("{argument:?}: what follows '@' is a time: {error}"))
                })?;
                (file, Some(time))
            }
            None => (argument.as_str(), None),
        };
        let text = files::read_limited(Path::new(file), MAX_INPUT_BYTES)?;
        let blocks = pem::certificates(&text).map_err(|error| refused(error.into()))?;
        for der in &blocks {
            let subject = TrustAnchor::from_certificate(der, &AwsLc)
                .map_err(|error| refused(error.into()))?
                .subject_text();
            anchors.push(Anchor::new(der, subject, used_until, &AwsLc).map_err(refused)?);
        }
    }
    AnchorBundle::new(anchors).map_err(refused)
}

impl People {
    fn read(&self, domain: DomainId) -> Result<OfficerSet, Problem> {
        let mut officers = Vec::new();
        for it in &self.named {
            let spki = read_public_key(&it.file)?;
            officers.push(Officer::new(it.name.as_str(), &spki, &AwsLc).map_err(refused)?);
        }
        OfficerSet::new(domain, self.threshold, officers, &AwsLc).map_err(refused)
    }
}

impl Place {
    fn document(&self, dates: &Dates, kind: Kind, content: Vec<u8>) -> Result<Answer, Problem> {
        let (_, officers) = read_officers(&self.officers)?;
        dates.finish(kind, officers.set(), self.number, content)
    }
}

impl Dates {
    fn document(
        &self,
        kind: Kind,
        succession: &Succession,
        number: u64,
        content: Vec<u8>,
    ) -> Result<Answer, Problem> {
        self.finish(kind, succession.signing_set(), number, content)
    }

    fn finish(
        &self,
        kind: Kind,
        signer: &OfficerSet,
        number: u64,
        content: Vec<u8>,
    ) -> Result<Answer, Problem> {
        let issued_at = self.issued.unwrap_or_else(|| SystemClock.now());
        let days = match kind {
            Kind::Officers => OFFICERS_DAYS,
            _ => YEARLY_DAYS,
        };
        let header = Header {
            kind,
            domain: signer.domain().clone(),
            number,
            issued_at,
            expires_at: self.expires.unwrap_or_else(|| issued_at.plus_days(days)),
            officer_set: signer.fingerprint(),
        };
        let document = TrustDocument::prepare(header, content, &AwsLc).map_err(refused)?;
        deliver(&document, self.out.as_deref())
    }
}

impl FromStr for OfficerArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok(Self {
                name: name.to_owned(),
                file: file.into(),
            }),
            _ => Err("use NAME=FILE"),
        }
    }
}

fn content_of(der: Result<Vec<u8>, TrustError>) -> Result<Vec<u8>, Problem> {
    der.map_err(refused)
}
