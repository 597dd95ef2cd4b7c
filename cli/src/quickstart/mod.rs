//! The demonstration: from an empty folder to a working authority for the overlap.
//!
//! [`prepare`] makes or continues the authority, [`demonstrate`] enrols, revokes, verifies and
//! proves against the running status service, [`Summary`] says what came of it.

mod chains;
mod enrol;
mod enrolled;
mod error;
mod fetch;
mod files;
pub(crate) mod hardware;
mod proof;
mod status;
mod summary;

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use kasane_ca_core::authority::{Authority, Documents, Parts, Recovered, RevocationOrder};
use kasane_ca_core::ceremony::{self, Script, Surroundings};
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::profile::Profiles;
use kasane_ca_core::{Error, Requester};
use kasane_crl::{Publisher, Schedule};
use kasane_verify::policy::OVERLAP_TIMELINE_TOML;
use kasane_verify::revocation::RevocationReason;
use kasane_web::control::{ExitClass, Problem};

use crate::hardware::Hardware;

pub(crate) use error::QuickstartError;
pub(crate) use summary::Summary;

use enrolled::Enrolled;

/// The reviewed script; only its status address is filled in.
const SCRIPT: &str = include_str!("../../../policy/ceremony/quickstart.toml");

/// The address in the script as it is shipped.
const SHIPPED_STATUS_URL: &str = "http://127.0.0.1:8080";

/// The certificate that the demonstration revokes.
const REVOKED: &str = "terminal-2-rsa";

/// The certificate whose inclusion is proven.
const PROVEN: &str = "terminal-1-ecc";

/// Where progress goes, a line at a time.
pub(crate) type Say<'a> = dyn FnMut(&str) + 'a;

/// An authority that may begin its demonstration.
pub(crate) struct Prepared {
    /// The authority.
    pub(crate) authority: Arc<Authority>,
    /// What the last crash left open.
    pub(crate) recovered: Recovered,
}

/// Whether a folder holds an authority already.
pub(crate) fn is_begun(dir: &Path) -> bool {
    dir.join("ceremony.toml").exists()
}

/// The status address that an earlier run put into its certificates.
pub(crate) fn recorded_address(dir: &Path) -> Option<SocketAddr> {
    let text = fs::read_to_string(dir.join("ceremony.toml")).ok()?;
    let script = Script::from_toml(&text).ok()?;
    script
        .authority
        .status_url
        .strip_prefix("http://")?
        .parse()
        .ok()
}

/// Makes the authority in `folder`, or goes on with the one that is there.
pub(crate) fn prepare(
    folder: &DataFolder,
    parts: Parts,
    devices: Option<&Hardware>,
    service: SocketAddr,
    say: &mut Say<'_>,
) -> Result<Prepared, Problem> {
    let continued = is_begun(folder.path());
    let script_path = folder.path().join("ceremony.toml");
    // Written first: an interrupted ceremony goes on with the same script.
    if !continued {
        let script = SCRIPT.replace(SHIPPED_STATUS_URL, &format!("http://{service}"));
        files::replace(&script_path, script.as_bytes()).map_err(problem)?;
    }
    let script_text = fs::read_to_string(&script_path)
        .map_err(|error| Problem::file("reading", &script_path, &error))?;
    let script = Script::from_toml(&script_text).map_err(Error::from)?;
    let documents = Documents {
        script: &script_text,
        timeline: OVERLAP_TIMELINE_TOML,
        profiles: Profiles::embedded_files(),
    };
    if let Some(devices) = devices.filter(|_| !folder.ledger().exists()) {
        devices.histories(None)?;
    }
    Authority::begin(folder, &parts, &script.authority, &documents)?;
    let (authority, recovered) = Authority::start(folder, parts, &mut |_, _| {})?;
    if let Some(devices) = devices {
        devices.keep_record(&authority);
    }
    let timeline = authority.timeline();
    let opened = timeline
        .date("ecc-issuance-opens")
        .map(|date| date.to_jst_string());
    say(&format!(
        "demonstration timeline: the real one shifted by {} days, so that ECC opened on {}",
        timeline.shift_days(),
        opened.unwrap_or_default()
    ));
    let publisher = Publisher::new(Arc::clone(&authority), Schedule::default())?;
    let mut publish = |issuer: &str, shard| {
        let published = publisher.publish(issuer, shard)?;
        Ok(published.first().map_or(0, |full| full.number))
    };
    let identities = devices.map(Hardware::identities).unwrap_or_default();
    let surroundings = Surroundings {
        publish: Some(&mut publish),
        devices: &identities,
        ..Surroundings::default()
    };
    ceremony::run_with(&authority, &script_text, surroundings, &mut |step| {
        // Fifty lists of one kind are told together, later.
        if !step.done_before && !step.step.starts_with("crl ") {
            say(&format!("{}: {}", step.step, step.detail));
        }
    })?;
    if let Some(devices) = devices {
        hardware::copy_keys(&authority, &devices.pool, say)?;
    }
    Ok(Prepared {
        authority,
        recovered,
    })
}

/// A failure of the demonstration as a command tells it.
pub(crate) fn problem(error: QuickstartError) -> Problem {
    match error {
        QuickstartError::Authority(error) => error.into(),
        QuickstartError::Io(_) | QuickstartError::Status { .. } => {
            Problem::new(ExitClass::Environment, error.code(), error.to_string())
        }
        _ => Problem::new(ExitClass::Internal, error.code(), error.to_string()),
    }
}

/// What the demonstration works with.
pub(crate) struct Stage<'a> {
    /// The authority.
    pub(crate) authority: &'a Arc<Authority>,
    /// The publisher of the running service.
    pub(crate) publisher: &'a Publisher,
    /// Who asks.
    pub(crate) requester: &'a Requester,
    /// The data folder.
    pub(crate) dir: &'a Path,
    /// Where status is served.
    pub(crate) service: SocketAddr,
    /// How this program is called.
    pub(crate) program: &'a str,
}

/// Enrols, revokes, verifies and proves, with the status service running.
pub(crate) async fn demonstrate(
    stage: &Stage<'_>,
    say: &mut Say<'_>,
) -> Result<Summary, QuickstartError> {
    let Stage {
        authority,
        publisher,
        requester,
        dir,
        service,
        program,
    } = *stage;
    let demo = dir.join("demo");
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(&demo)?;
    let enrolled = enrol::enrol(authority, requester, &demo, say)?;
    files::write_certificates(authority, &demo, &enrolled)?;
    // The service publishes too; whoever comes first, every series is current after this.
    let published = publisher.publish_due(authority.now());
    if let Some(failed) = published.failed.into_iter().next() {
        return Err(failed.error.into());
    }

    let series: u32 = authority
        .issuers()
        .iter()
        .map(|issuer| issuer.crl_shards)
        .sum();
    say(&format!("CRLs of {series} shards are published"));

    let target = find(&enrolled, REVOKED)?;
    let before = status::ask(authority, &target.issued, service).await?;
    let revoked_now = revoke(authority, publisher, requester, target)?;
    let after = status::ask(authority, &target.issued, service).await?;
    say(&format!(
        "{REVOKED} before: OCSP {}; CRL {}",
        before.ocsp, before.crl
    ));
    say(&format!(
        "{REVOKED} after:  OCSP {}; CRL {}",
        after.ocsp, after.crl
    ));

    let chains = chains::verify(authority, &enrolled)?;
    for chain in &chains.verified {
        let between = chain.through.len().saturating_sub(1);
        say(&format!(
            "{} verified under {} through {between} CA certificates",
            chain.certificate, chain.anchor
        ));
    }
    for name in &chains.refused {
        say(&format!(
            "{name} is refused under every anchor: it is revoked"
        ));
    }
    let proven = proof::prove(authority, find(&enrolled, PROVEN)?.issued.outcome)?;
    files::replace(
        &demo.join(format!("{PROVEN}.tlog-proof")),
        proven.text.as_bytes(),
    )?;
    say(&format!(
        "{PROVEN} is entry {} of {} in the ledger: proven",
        proven.index, proven.size
    ));

    let summary = Summary {
        authority: Arc::clone(authority),
        dir: dir.to_owned(),
        program: program.to_owned(),
        service,
        enrolled,
        before,
        after,
        revoked_now,
        chains,
        proven,
    };
    files::replace(&demo.join("summary.json"), summary.to_json()?.as_bytes())?;
    Ok(summary)
}

/// Revokes it unless an earlier run did; says whether it was now.
fn revoke(
    authority: &Authority,
    publisher: &Publisher,
    requester: &Requester,
    target: &Enrolled,
) -> Result<bool, QuickstartError> {
    let order = RevocationOrder {
        issuer: &target.issued.issuer,
        serial: &target.issued.serial,
        reason: Some(RevocationReason::CessationOfOperation),
        invalidity_date: None,
    };
    let now = match authority.revoke(requester.actor(), &order) {
        Ok(_) => true,
        Err(Error::AlreadyRevoked { .. }) => false,
        Err(error) => return Err(error.into()),
    };
    let shard = authority.issuer(order.issuer)?.shard_of(order.serial);
    let sweep = publisher.revoked(order.issuer, shard, authority.now());
    match sweep.failed.into_iter().next() {
        Some(failed) => Err(failed.error.into()),
        None => Ok(now),
    }
}

fn find<'a>(enrolled: &'a [Enrolled], name: &str) -> Result<&'a Enrolled, QuickstartError> {
    enrolled
        .iter()
        .find(|one| one.name == name)
        .ok_or_else(|| QuickstartError::Missing {
            name: name.to_owned(),
        })
}
