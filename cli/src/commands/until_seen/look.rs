//! Asking everybody, as a command does.

use std::sync::Arc;
use std::time::Duration;

use kasane_ca_core::clock::SystemClock;
use kasane_ca_core::folder::DataFolder;
use kasane_verify::crypto::AwsLc;
use kasane_verify::pem;
use kasane_web::control::{
    ExitClass, Problem, StatusEndpoints, VisibilityPlanned, WatchedCertificate,
};
use kasane_web::visibility::{Observation, Subject, Watch, What};

use super::over_socket::OverSocket;
use super::{Begun, words};
use crate::args::Global;
use crate::output::revocation::observation;

/// Who is asked about what, and how long.
pub(super) struct Look<'a> {
    pub(super) global: &'a Global,
    pub(super) plan: &'a VisibilityPlanned,
    /// Entries that an edge must have which cannot be asked, where those of the plan are not all.
    pub(super) entries: Option<u64>,
    pub(super) begun: &'a Begun,
    pub(super) timeout_seconds: u64,
    pub(super) lists: Option<What>,
}

impl Look<'_> {
    pub(super) fn observe(&self) -> Result<Vec<Observation>, Problem> {
        let certificates = &self.plan.certificates;
        let subjects: Vec<Subject> = certificates.iter().map(subject).collect::<Result<_, _>>()?;
        let revocations = certificates.iter().filter_map(|it| it.revocation.as_ref());
        let told_by = revocations.map(|it| it.ledger_index + 1).max();
        let watch = Watch {
            roster: &self.plan.responders.roster,
            source: Arc::new(OverSocket(DataFolder::socket(&self.global.dir))),
            subjects: &subjects,
            entries: self.entries.max(told_by),
            lists: self.lists,
            monotonic: self.begun.clock.clone(),
            since: Duration::ZERO,
            timeout: Duration::from_secs(self.timeout_seconds),
            clock: Arc::new(SystemClock),
            crypto: Arc::new(AwsLc),
            given_up: self.begun.interruption.given_up(),
        };
        self.tell_begin(&self.plan.responders);
        let seen = watch.run(&mut |it| {
            if !self.global.json && words::is_watched() {
                eprint!("{}", observation(it));
            }
        });
        let seen = seen.map_err(|error| {
            let message = format!("nobody can be asked: {error}");
            Problem::new(ExitClass::NotVisible, "revocation.cannot-ask", message)
        })?;
        if seen.is_empty() {
            return Err(words::nobody(&self.plan.responders));
        }
        Ok(seen)
    }

    fn tell_begin(&self, responders: &StatusEndpoints) {
        if self.global.json {
            return;
        }
        let roster = &responders.roster;
        eprintln!(
            "asking at {} addresses; {} edges are enrolled",
            roster.endpoints.len(),
            roster.edges.len()
        );
        if !responders.is_served {
            eprintln!(
                "no service runs on this folder: it is not among them, and no edge hears of it"
            );
        }
    }
}

fn subject(watched: &WatchedCertificate) -> Result<Subject, Problem> {
    let cannot = |error: String| {
        let message = format!("certificate {} cannot be read: {error}", watched.serial);
        Problem::new(ExitClass::Integrity, "certificate.unreadable", message)
    };
    let der = |text: &str| {
        pem::certificates(text.as_bytes())
            .map_err(|error| cannot(error.to_string()))?
            .into_iter()
            .next()
            .ok_or_else(|| cannot("it was never signed".to_owned()))
    };
    Subject::new(&AwsLc, der(&watched.pem)?, der(&watched.issuer_pem)?)
        .map_err(|error| cannot(error.to_string()))
}
