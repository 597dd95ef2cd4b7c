//! Waiting until everybody tells of a revocation.

mod look;
mod over_socket;
mod words;

use std::sync::Arc;

use clap::ValueEnum;
use kasane_hsm::pool::SystemMonotonicClock;
use kasane_web::control::{
    Problem, Request, Response, VisibilityPlan, VisibilityPlanned, WatchedName,
};
use kasane_web::visibility::What;

use crate::answer::Answer;
use crate::args::Global;
use crate::interruption::Interruption;
use crate::session::execute;
use look::Look;

pub(crate) use words::unexpected;

/// Whether a revocation is waited for, and how.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct UntilSeen {
    /// Wait until the service, every responder of DIR/revocation.toml and every enrolled edge tell of it
    #[arg(long)]
    wait: bool,
    /// Seconds to wait at most; 330 where a cache stands in front, which may keep a response for 300
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "wait",
        value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// Where else than in OCSP it must be seen, at those that hand out CRLs
    #[arg(long, value_enum, requires = "wait")]
    until: Option<Until>,
}

/// Where a revocation must be seen beside OCSP.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Until {
    /// The delta CRL: within seconds, or after an act that is under way
    Delta,
    /// The full CRL: within the hour
    Crl,
}

/// A command that revokes or looks has begun.
pub(crate) struct Begun {
    /// Zero when it began.
    clock: Arc<SystemMonotonicClock>,
    interruption: Interruption,
}

impl Begun {
    /// From here on an interruption ends the waiting, not the act. `look` says how people find out
    /// whether it was done.
    pub(crate) fn now(look: String) -> Result<Self, Problem> {
        Ok(Self {
            clock: Arc::new(SystemMonotonicClock::new()),
            interruption: Interruption::listen(look)?,
        })
    }
}

impl UntilSeen {
    /// Whether it is waited for.
    pub(crate) const fn is_asked(self) -> bool {
        self.wait
    }

    /// Adds to `answer` what was seen of `revoked`, if that was asked for. Edges that cannot be asked
    /// must have the entries below `entries`, where that is said. The revocation stands whatever is
    /// seen, and a refusal says so.
    pub(crate) fn wait(
        self,
        global: &Global,
        answer: Answer,
        revoked: Vec<WatchedName>,
        entries: Option<u64>,
        begun: &Begun,
    ) -> Answer {
        if !self.wait || revoked.is_empty() {
            return answer;
        }
        match plan(global, revoked) {
            Ok(plan) => look_at(
                global,
                answer,
                &plan,
                entries,
                begun,
                self.timeout,
                self.until,
            ),
            Err(problem) => words::cannot_look(answer, &problem),
        }
    }
}

/// Adds to `answer` who tells of what is planned to be looked at.
pub(crate) fn look_at(
    global: &Global,
    answer: Answer,
    plan: &VisibilityPlanned,
    entries: Option<u64>,
    begun: &Begun,
    timeout_seconds: u64,
    until: Option<Until>,
) -> Answer {
    let look = Look {
        global,
        plan,
        entries,
        begun,
        timeout_seconds,
        lists: until.map(|until| match until {
            Until::Delta => What::Delta,
            Until::Crl => What::Crl,
        }),
    };
    match look.observe() {
        Ok(seen) => words::told(answer, plan, &seen, begun, timeout_seconds),
        Err(problem) => words::cannot_look(answer, &problem),
    }
}

/// The certificates as the authority has them, and who answers.
pub(crate) fn plan(
    global: &Global,
    certificates: Vec<WatchedName>,
) -> Result<VisibilityPlanned, Problem> {
    let request = Request::VisibilityPlan(VisibilityPlan { certificates });
    match execute(global, request)? {
        Response::VisibilityPlanned(plan) => Ok(*plan),
        _ => Err(unexpected()),
    }
}
