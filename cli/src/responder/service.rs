//! The service of an edge responder.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use kasane_ca_core::clock::{SystemClock, SystemSteadyClock};
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::follower::{Follower, FollowerParts, HeldLimits, Step};
use kasane_ca_core::pause::ThreadPause;
use kasane_ca_core::random::SystemRandom;
use kasane_ca_core::status_source::StatusSource;
use kasane_hsm::SoftwareBackend;
use kasane_ledger::disk::RealDisk;
use kasane_ocsp::Responder;
use kasane_verify::crypto::AwsLc;
use kasane_web::control::Problem;
use kasane_web::feed::FeedClient;
use kasane_web::status::{EdgeState, StatusServer};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::folder;
use crate::args::Global;
use crate::client_limits;
use crate::descriptors;
use crate::hardware;
use crate::passphrase::{self, WhenMissing};
use crate::starting::{Ending, Front, Watch, until};

/// The authority may keep the edge waiting so long for something new. What is known is then at most so
/// old while there is contact.
const WAIT: Duration = Duration::from_secs(5);

/// Pauses after failures: from the first to the last, doubling.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LAST_PAUSE: Duration = Duration::from_secs(3);

/// Signers are looked after so often. A new edge has answers so long after it first caught up.
const ROLL_OVER_INTERVAL: Duration = Duration::from_secs(3);

/// Every so many of these looks are taken once there was one that mattered, or that failed.
const ROLL_OVER_REST: u32 = 10;

/// OCSP responses are renewed so often, and so many at a time.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(1);
const RENEWALS: usize = 300;

/// Signatures are told to the authority so often.
const COUNT_INTERVAL: Duration = Duration::from_secs(3600);
/// Between two parts of what an act left to be done.
const SPREAD_INTERVAL: Duration = Duration::from_secs(1);

/// What takes its time at a start.
const CATCHING_UP: &str = "bringing the store up to the replica";

/// Runs the edge in `global.dir` until SIGINT or SIGTERM, then stops it cleanly.
pub(crate) fn run(global: &Global, listen: SocketAddr) -> Result<(), Problem> {
    // Listened for first: whoever sees the service answer may end it at once.
    let ending = Ending::listen()?;
    let folder = DataFolder::open(&global.dir)?;
    let (enrolment, token) = folder::read(folder.path())?;
    let limits = client_limits::load(folder.path())?;
    let status_limits = limits.of_listener(descriptors::status_limits());
    let mut front = Front::bind(listen, status_limits, Arc::clone(&limits.trusted))?;
    let address = front.address();
    let place = folder::address_path(folder.path());
    std::fs::write(&place, format!("{address}\n"))
        .map_err(|error| Problem::file("writing", &place, &error))?;
    let feed = FeedClient::new(&enrolment, &token, front.handle().clone())?;
    let passphrase = passphrase::of(global, folder.path(), WhenMissing::Refuse, &SystemRandom)?;
    let backend =
        SoftwareBackend::open(&folder.keys(), passphrase.secret).map_err(hardware::problem)?;
    let parts = FollowerParts {
        clock: Arc::new(SystemClock),
        steady: Arc::new(SystemSteadyClock),
        pause: Arc::new(ThreadPause),
        crypto: Arc::new(AwsLc),
        backend: Arc::new(backend),
        feed: Arc::new(feed),
        disk: Arc::new(RealDisk),
        held_limits: HeldLimits::default(),
    };
    let mut watch = Watch::of_service(CATCHING_UP, &front, &ending);
    watch.opens();
    let started = Follower::start_while(&folder, enrolment, parts, &mut |done, total| {
        watch.go_on(done, total)
    });
    drop(watch);
    let follower = match started.map_err(Problem::from) {
        Err(problem) if ending.has_interrupted(&problem) => {
            tracing::info!("stopped before the start was done; the next one goes on");
            front.stop();
            return Ok(());
        }
        started => started?,
    };
    let edge = Edge {
        responder: Arc::new(Responder::new(Arc::clone(&follower))),
        follower: Arc::clone(&follower),
        rest: Arc::new(AtomicU32::new(1)),
        told: Arc::default(),
    };
    let state = EdgeState::new(Arc::clone(&edge.follower), Arc::clone(&edge.responder));
    front.open(StatusServer::at_edge(state.with_limit_settings(&limits)));
    let stopped = front.stopped();
    front.spawn(edge.work(stopped));
    tracing::info!(%address, entries = follower.report()?.entries, "OCSP is served");
    ending.wait();
    tracing::info!("stopping");
    front.stop();
    if let Err(error) = follower.count_signatures() {
        tracing::warn!(code = error.code(), %error, "the last signatures are not counted");
    }
    front.shut_down();
    if let Err(error) = follower.stop(&folder) {
        tracing::warn!(code = error.code(), %error, "stopping was not clean; the next start recovers");
    }
    Ok(())
}

/// Something that is done again and again.
type Task = fn(&Edge);

/// What the tasks work with.
#[derive(Clone)]
struct Edge {
    follower: Arc<Follower>,
    responder: Arc<Responder>,
    /// Looks at the signers to leave out.
    rest: Arc<AtomicU32>,
    /// Whether it was said that acts cannot be brought to their end.
    told: Arc<AtomicBool>,
}

impl Edge {
    /// What it does beside answering.
    async fn work(self, stopped: watch::Receiver<bool>) {
        let mut parts = JoinSet::new();
        parts.spawn(self.clone().follow(stopped.clone()));
        let tasks: [(Duration, Task); 4] = [
            (ROLL_OVER_INTERVAL, Self::roll_over),
            (RENEWAL_INTERVAL, Self::renew),
            (COUNT_INTERVAL, Self::count),
            (SPREAD_INTERVAL, Self::spread),
        ];
        for (period, task) in tasks {
            parts.spawn(self.clone().repeat(period, task, stopped.clone()));
        }
        while let Some(ended) = parts.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a part of the service ended");
            }
        }
    }

    /// Takes page after page; pauses after failures.
    async fn follow(self, stopped: watch::Receiver<bool>) {
        let mut pause = FIRST_PAUSE;
        while !*stopped.borrow() {
            let follower = Arc::clone(&self.follower);
            match tokio::task::spawn_blocking(move || follower.step(WAIT)).await {
                Ok(Step::Followed) => pause = FIRST_PAUSE,
                Ok(Step::Failed) => {
                    tokio::select! {
                        () = sleep(pause) => {}
                        () = until(stopped.clone()) => return,
                    }
                    pause = LAST_PAUSE.min(2 * pause);
                }
                Ok(Step::Stopped) => return,
                Err(error) => {
                    tracing::error!(%error, "following panicked: this edge follows no further");
                    return;
                }
            }
        }
    }

    fn roll_over(&self) {
        if self.rest.fetch_sub(1, Ordering::Relaxed) > 1 {
            return;
        }
        // The responder logs what it made and what failed.
        let _done = self.responder.ensure_signers(self.follower.now());
        // Without any CA there was nothing to look after yet.
        let rest = if self.follower.issuers().is_empty() {
            1
        } else {
            ROLL_OVER_REST
        };
        self.rest.store(rest, Ordering::Relaxed);
    }

    fn renew(&self) {
        let _done = self.responder.renew(self.follower.now(), RENEWALS);
    }

    /// A part at a time, so that answers come first.
    fn spread(&self) {
        let Err(error) = self.follower.spread_some() else {
            return;
        };
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::error!(%error, "an act's certificates stay revoked, and slow to ask about");
        }
    }

    fn count(&self) {
        if let Err(error) = self.follower.count_signatures() {
            tracing::warn!(code = error.code(), %error, "signatures are counted later");
        }
    }

    async fn repeat(self, period: Duration, task: Task, stopped: watch::Receiver<bool>) {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = until(stopped.clone()) => return,
            }
            let edge = self.clone();
            if let Err(error) = tokio::task::spawn_blocking(move || task(&edge)).await {
                tracing::error!(%error, "a background task panicked");
            }
        }
    }
}
