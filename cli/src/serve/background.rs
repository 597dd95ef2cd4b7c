//! What the service does by itself: checkpoints, CRLs, OCSP signers, the scrub of the ledger.

use std::sync::Arc;
use std::time::Duration;

use kasane_ca_core::Authority;
use kasane_crl::Publisher;
use kasane_hsm::pool::Pool;
use kasane_ocsp::Responder;
use kasane_web::canary::Canary;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

/// A checkpoint is signed on an interval, not per batch.
const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(10);

/// CRLs are looked after so often; a revocation publishes at once.
const CRL_INTERVAL: Duration = Duration::from_secs(30);

/// Revocations that wait for the pause after the list before are looked at so often: with the pause of 9 s
/// by a clock of whole seconds, a delta follows the one before within 10 s. Costs nothing while none wait.
const CRL_WAITING_INTERVAL: Duration = Duration::from_millis(500);

/// OCSP signers have weeks left when they are replaced, but one may be revoked at any time.
const ROLL_OVER_INTERVAL: Duration = Duration::from_secs(60);

/// OCSP responses are renewed so often, and so many at a time: a fifth of what a core signs, and a
/// million in the hour that they have for it.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(1);
const RENEWALS: usize = 300;

/// 2 MiB/s: a ledger of ten million certificates is rehashed in about four hours, and no disk is
/// kept busy by it.
const SCRUB_INTERVAL: Duration = Duration::from_millis(500);
const SCRUB_BYTES: u64 = 1024 * 1024;

/// What an act left to be written, after a restart in the middle of it, goes on a part at a time.
const SPREAD_INTERVAL: Duration = Duration::from_secs(1);

/// Whether a canary is due is looked at so often.
const CANARY_INTERVAL: Duration = Duration::from_secs(5);

/// The devices' logs are matched to the ledger so often; the pool drains them as they fill.
const RECONCILE_INTERVAL: Duration = Duration::from_secs(60);

/// Without logs reconciliation is a note of signatures that have no entry of their own.
const COUNT_INTERVAL: Duration = Duration::from_secs(3600);

/// Something that is done again and again.
type Task = fn(&Tasks);

/// What the tasks work with.
#[derive(Clone)]
pub(super) struct Tasks {
    pub(super) authority: Arc<Authority>,
    pub(super) publisher: Arc<Publisher>,
    pub(super) responder: Arc<Responder>,
    pub(super) pool: Option<Arc<Pool>>,
    pub(super) canary: Option<Arc<Canary>>,
}

impl Tasks {
    /// Starts each task; all end when `stopped` turns true.
    pub(super) fn spawn(&self, parts: &mut JoinSet<()>, stopped: &watch::Receiver<bool>) {
        let reconciled = if self.keeps_device_logs() {
            RECONCILE_INTERVAL
        } else {
            COUNT_INTERVAL
        };
        let mut tasks: Vec<(Duration, Task)> = vec![
            (CHECKPOINT_INTERVAL, Self::checkpoint),
            (CRL_INTERVAL, Self::publish),
            (CRL_WAITING_INTERVAL, Self::publish_waiting),
            (ROLL_OVER_INTERVAL, Self::roll_over),
            (RENEWAL_INTERVAL, Self::renew),
            (reconciled, Self::reconcile),
            (SCRUB_INTERVAL, Self::scrub),
            (SPREAD_INTERVAL, Self::spread),
        ];
        if self.canary.as_ref().is_some_and(|it| it.off().is_none()) {
            tasks.push((CANARY_INTERVAL, Self::canary));
        }
        for (period, task) in tasks {
            parts.spawn(repeat(self.clone(), period, task, stopped.clone()));
        }
    }

    fn checkpoint(&self) {
        if !self.authority.is_checkpointed()
            && let Err(error) = self.authority.checkpoint()
        {
            tracing::error!(code = error.code(), %error, "checkpoint is not signed");
        }
    }

    fn publish(&self) {
        // The publisher logs what it published and what failed.
        let _sweep = self.publisher.publish_due(self.authority.now());
    }

    fn publish_waiting(&self) {
        let _sweep = self.publisher.publish_waiting(self.authority.now());
    }

    fn spread(&self) {
        // Lists say what is wrong with it.
        let _more = self.authority.spread_some();
    }

    fn roll_over(&self) {
        let done = self.responder.ensure_signers(self.authority.now());
        for failed in &done.failed {
            tracing::error!(
                issuer.name = failed.issuer,
                code = failed.error.code(),
                error = %failed.error,
                "OCSP signer cannot be replaced"
            );
        }
    }

    fn renew(&self) {
        // The responder logs what fails; whoever asks next is told or served.
        let done = self.responder.renew(self.authority.now(), RENEWALS);
        if done.renewed + done.failed > 0 {
            tracing::debug!(
                renewed = done.renewed,
                failed = done.failed,
                "OCSP responses"
            );
        }
    }

    fn keeps_device_logs(&self) -> bool {
        let logs = |pool: &Arc<Pool>| pool.devices().any(|it| it.command_log().is_some());
        self.pool.as_ref().is_some_and(logs)
    }

    /// Notes signatures without an entry of their own, and holds what devices logged against what
    /// they were asked for.
    fn reconcile(&self) {
        // What does not fit is an alarm in the ledger and in the log, once.
        if let Err(error) = self.authority.reconcile() {
            tracing::error!(code = error.code(), %error, "devices are not reconciled; it is tried again");
        }
    }

    fn canary(&self) {
        // It logs what took too long.
        if let Some(canary) = &self.canary {
            canary.run_if_due();
        }
    }

    fn scrub(&self) {
        if self.authority.stopped().is_some() {
            return;
        }
        match self.authority.ledger().scrub_step(SCRUB_BYTES) {
            Ok(status) if status.complete && status.total > 0 => {
                tracing::debug!(entries = status.total, "the ledger was rehashed");
            }
            Ok(_) => {}
            Err(error @ kasane_ledger::Error::Tampered { .. }) => {
                self.authority.stop_issuance(error.to_string());
            }
            // A file that cannot be read now may be readable later; reading it again tells.
            Err(error) => tracing::error!(code = error.code(), %error, "the scrub cannot read"),
        }
    }
}

/// Runs a blocking task at once and then on an interval.
async fn repeat(tasks: Tasks, period: Duration, task: Task, mut stopped: watch::Receiver<bool>) {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            // An error means that whoever could stop us is gone.
            _ = stopped.wait_for(|stop| *stop) => break,
        }
        let tasks = tasks.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || task(&tasks)).await {
            tracing::error!(%error, "a background task panicked");
        }
    }
}
