//! The service: its listeners and what it does in the background.

mod background;
mod prepared;
mod signals;

use std::net::SocketAddr;
use std::sync::Arc;

use kasane_ca_core::Authority;
use kasane_ca_core::clock::SystemClock;
use kasane_ca_core::configuration::Mode;
use kasane_ca_core::folder::DataFolder;
use kasane_crl::{Publisher, Schedule};
use kasane_hsm::BackendKind;
use kasane_hsm::config::Access;
use kasane_hsm::pool::SystemMonotonicClock;
use kasane_ocsp::Responder;
use kasane_verify::crypto::AwsLc;
use kasane_web::canary::{Canary, CanaryParts};
use kasane_web::control::{Context, ControlSocket, ExitClass, Problem};
use kasane_web::feed::{FeedLimits, FeedListener, FeedServer, Followers};
use kasane_web::server::{self, Trusted};
use kasane_web::status::{StatusServer, StatusState};
use kasane_web::visibility::{Endpoint, RevocationSettings};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::args::Global;
use crate::session::{CATCHING_UP, Session};
use crate::starting::{Ending, Front, Watch, until};
use prepared::Prepared;

pub(crate) use signals::Signals;

/// How the service runs.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Options {
    /// Where CRLs, OCSP and CA certificates are served; the recorded status address if it is a
    /// loopback one, else 127.0.0.1:8080
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// Where edge responders follow the ledger, over TLS; nowhere if not given
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) feed: Option<SocketAddr>,
}

/// Runs the service until SIGINT or SIGTERM, then stops it and the authority cleanly.
pub(crate) fn run(global: &Global, options: &Options) -> Result<(), Problem> {
    // Listened for first: whoever sees the service answer may end it at once.
    let ending = Ending::listen()?;
    let folder = DataFolder::open(&global.dir)?;
    let mut prepared = Prepared::new(&folder, options)?;
    let watch = Watch::of_service(CATCHING_UP, &prepared.front, &ending);
    let session = match Session::start_watched(global, folder, Access::Signing, watch) {
        Err(problem) if ending.has_interrupted(&problem) => {
            tracing::info!("stopped before the start was done; the next one goes on");
            prepared.front.stop();
            return Ok(());
        }
        started => started?,
    };
    let service = Service::start_prepared(session, prepared)?;
    ending.wait();
    service.stop();
    Ok(())
}

/// A running service. Stops cleanly by [`Service::stop`].
pub(crate) struct Service {
    session: Session,
    /// Where status is served.
    pub(crate) address: SocketAddr,
    /// What publishes CRLs.
    pub(crate) publisher: Arc<Publisher>,
    front: Front,
}

impl Service {
    /// Starts everything beside an authority that runs; returns when all of it answers.
    pub(crate) fn start(session: Session, options: &Options) -> Result<Self, Problem> {
        match Prepared::new(&session.folder, options) {
            Ok(prepared) => Self::start_prepared(session, prepared),
            Err(problem) => {
                session.stop();
                Err(problem)
            }
        }
    }

    /// The same behind a listener that is there already.
    fn start_prepared(session: Session, prepared: Prepared) -> Result<Self, Problem> {
        announce(&session);
        match Work::begin(&session, prepared) {
            Ok((front, publisher)) => {
                let service = Self {
                    session,
                    address: front.address(),
                    publisher,
                    front,
                };
                service.note("started");
                tracing::info!(address = %service.address, "status is served");
                Ok(service)
            }
            Err(problem) => {
                session.stop();
                Err(problem)
            }
        }
    }

    /// What it serves.
    pub(crate) const fn session(&self) -> &Session {
        &self.session
    }

    /// Waits for SIGINT or SIGTERM, then stops.
    pub(crate) fn wait_for_signal(self) -> Result<(), Problem> {
        let listening = Signals::listen().map(|mut signals| signals.wait());
        self.stop();
        listening
    }

    /// Lets requests at work finish, stops the background, and leaves the marks of a clean stop.
    pub(crate) fn stop(mut self) {
        tracing::info!("stopping");
        self.note("stopped");
        self.front.stop();
        self.front.shut_down();
        self.session.stop();
    }

    fn note(&self, change: &str) {
        let authority = &self.session.authority;
        let detail = format!(
            "kasane {}; {}",
            env!("CARGO_PKG_VERSION"),
            authority.door().describe_backend()
        );
        if let Err(error) = authority.note_service(change, &detail) {
            tracing::error!(code = error.code(), %error, "the ledger does not take a note");
        }
    }
}

/// What the service works with beside its listener for status.
struct Work {
    context: Context,
    authority: Arc<Authority>,
    followers: Followers,
    tasks: background::Tasks,
    settings: RevocationSettings,
    /// What who follows the feed may take.
    feed_limits: FeedLimits,
    trusted: Arc<Trusted>,
    /// The data folder.
    folder: std::path::PathBuf,
}

impl Work {
    /// Opens the listener for status, binds the others, and lets everything run.
    fn begin(session: &Session, prepared: Prepared) -> Result<(Front, Arc<Publisher>), Problem> {
        let Prepared {
            settings,
            limits,
            feed,
            feed_limits,
            mut front,
        } = prepared;
        front.startup().does("reading the published CRLs");
        let publisher = Arc::new(Publisher::new(
            Arc::clone(&session.authority),
            Schedule::default(),
        )?);
        let responder = Arc::new(Responder::new(Arc::clone(&session.authority)));
        let followers = Followers::default();
        let status = StatusState::new(
            Arc::clone(&session.authority),
            Arc::clone(&publisher),
            Arc::clone(&responder),
            session.folder.ledger(),
        )
        .with_limit_settings(&limits);
        let mut work = Self {
            context: session
                .with_devices(Context::with_publisher(
                    Arc::clone(&session.authority),
                    Arc::clone(&publisher),
                ))
                .with_followers(followers.clone()),
            followers,
            authority: Arc::clone(&session.authority),
            tasks: background::Tasks {
                authority: Arc::clone(&session.authority),
                publisher: Arc::clone(&publisher),
                responder,
                pool: session.pool(),
                canary: None,
            },
            settings,
            feed_limits,
            trusted: Arc::clone(&limits.trusted),
            folder: session.folder.path().to_owned(),
        };
        let runtime = front.handle().clone();
        let feed = {
            let _entered = runtime.enter();
            feed.map(|feed| feed.listen(feed_limits)).transpose()?
        };
        let canary = work.watch_revocations(front.address());
        front.open(StatusServer::new(status.with_canary(canary)));
        // Where the socket is, status is served.
        let socket = DataFolder::socket(session.folder.path());
        let socket = {
            let _entered = runtime.enter();
            ControlSocket::bind(&socket)
                .map_err(|error| Problem::file("binding", &socket, &error))?
        };
        let stopped = front.stopped();
        front.spawn(work.serve(stopped, socket, feed));
        Ok((front, publisher))
    }

    async fn serve(
        self,
        stopped: watch::Receiver<bool>,
        socket: ControlSocket,
        feed: Option<FeedListener>,
    ) {
        let mut parts = JoinSet::new();
        parts.spawn(socket.serve(self.context, stopped.clone()));
        if let Some(feed) = feed {
            tracing::info!(address = %feed.address(), "edge responders may follow");
            let (stop, followers) = (stopped.clone(), self.followers);
            let server = FeedServer::new(self.authority, followers, stop, self.feed_limits)
                .trusting(self.trusted);
            let (limits, until) = (self.feed_limits.server, until(stopped.clone()));
            parts.spawn(server::serve(feed, server, limits, until));
        }
        if let Some(canary) = self.tasks.canary.clone() {
            let stop = until(stopped.clone());
            parts.spawn(async move {
                stop.await;
                canary.stop();
            });
        }
        let (authority, stop) = (Arc::clone(&self.tasks.authority), until(stopped.clone()));
        parts.spawn(async move {
            stop.await;
            // Nobody waits for the end of an act.
            let _ended = tokio::task::spawn_blocking(move || authority.stop_spreading()).await;
        });
        self.tasks.spawn(&mut parts, &stopped);
        while let Some(ended) = parts.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a part of the service ended");
            }
        }
    }

    /// From here on commands know who answers for status, and a canary lives.
    fn watch_revocations(&mut self, address: SocketAddr) -> Arc<Canary> {
        let own = Endpoint::own(address);
        let others = self.settings.responders.iter().cloned();
        let endpoints: Arc<[Endpoint]> = std::iter::once(own).chain(others).collect();
        let canary = Arc::new(Canary::new(CanaryParts {
            authority: Arc::clone(&self.tasks.authority),
            publisher: Arc::clone(&self.tasks.publisher),
            endpoints: Arc::clone(&endpoints),
            settings: self.settings.canary.clone(),
            clock: Arc::new(SystemClock),
            crypto: Arc::new(AwsLc),
            followers: self.followers.clone(),
            monotonic: Arc::new(SystemMonotonicClock::new()),
            folder: self.folder.clone(),
        }));
        match canary.off() {
            Some(reason) => tracing::info!(reason, "there is no canary"),
            None => tracing::info!(
                interval_seconds = self.settings.canary.interval_seconds,
                responders = endpoints.len(),
                "a canary measures how soon revocations are known"
            ),
        }
        self.context = self
            .context
            .clone()
            .with_canary(endpoints, Arc::clone(&canary));
        self.tasks.canary = Some(Arc::clone(&canary));
        canary
    }
}

/// Says what everybody who starts a service must know.
fn announce(session: &Session) {
    let authority = &session.authority;
    let keys = authority.door().describe_backend();
    let shift_days = authority.timeline().shift_days();
    let phase = authority
        .timeline()
        .phase_at(authority.now())
        .id()
        .to_owned();
    match authority.configuration().mode() {
        Mode::Demo if authority.door().backend_kind() == BackendKind::Software => tracing::warn!(
            keys,
            timeline.shift_days = shift_days,
            timeline.phase = phase,
            "demonstration: software keys, and a timeline that may be shifted; not for production"
        ),
        Mode::Demo => tracing::warn!(
            keys,
            timeline.shift_days = shift_days,
            timeline.phase = phase,
            "demonstration: a timeline that may be shifted; not for production"
        ),
        Mode::Production => tracing::info!(keys, timeline.phase = phase, "production"),
    }
    tracing::info!(
        ledger.size = authority.ledger().size(),
        closed.certificates = session.recovered.certificates.len(),
        closed.crls = session.recovered.crls.len(),
        "the authority is started"
    );
}

/// The operating system refused what a service needs.
pub(crate) fn environment(code: &str, error: &std::io::Error) -> Problem {
    Problem::new(
        ExitClass::Environment,
        code,
        format!("the operating system refused: {error}"),
    )
}
