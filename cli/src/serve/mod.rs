//! The service: its listeners and what it does in the background.

mod background;
mod signals;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use kasane_ca_core::Authority;
use kasane_ca_core::clock::SystemClock;
use kasane_ca_core::configuration::Mode;
use kasane_ca_core::folder::DataFolder;
use kasane_crl::{Publisher, Schedule};
use kasane_hsm::BackendKind;
use kasane_hsm::pool::SystemMonotonicClock;
use kasane_ocsp::Responder;
use kasane_verify::crypto::AwsLc;
use kasane_web::canary::{Canary, CanaryParts};
use kasane_web::control::{Context, ControlSocket, ExitClass, Problem};
use kasane_web::feed::{FeedKey, FeedLimits, FeedListener, FeedServer, Followers};
use kasane_web::server;
use kasane_web::status::{LimitSettings, StatusServer, StatusState};
use kasane_web::visibility::{Endpoint, RevocationSettings};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::client_limits;
use crate::descriptors;
use crate::responder::feed_key;
use crate::session::Session;

pub(crate) use signals::Signals;

/// Where status is served when the recorded address names no port of this machine.
const DEFAULT_LISTEN: ([u8; 4], u16) = ([127, 0, 0, 1], 8080);

/// How long a stop waits for work that blocks.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

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
pub(crate) fn run(session: Session, options: &Options) -> Result<(), Problem> {
    // Listened for first: whoever sees the service answer may end it at once.
    let mut signals = Signals::listen()?;
    let service = Service::start(session, options)?;
    signals.wait();
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
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

impl Service {
    /// Binds both listeners and starts everything in a thread of its own; returns when both answer.
    pub(crate) fn start(session: Session, options: &Options) -> Result<Self, Problem> {
        announce(&session);
        let settings = RevocationSettings::load(session.folder.path()).map_err(|error| {
            Problem::new(ExitClass::Refused, "revocation.settings", error.to_string())
        })?;
        let limits = client_limits::load(session.folder.path())?;
        let publisher = Arc::new(Publisher::new(
            Arc::clone(&session.authority),
            Schedule::default(),
        )?);
        let responder = Arc::new(Responder::new(Arc::clone(&session.authority)));
        let followers = Followers::default();
        let feed = options
            .feed
            .map(|address| feed_key::of(session.folder.path()).map(|key| (address, key)))
            .transpose()?;
        let work = Work {
            context: session
                .with_devices(Context::with_publisher(
                    Arc::clone(&session.authority),
                    Arc::clone(&publisher),
                ))
                .with_followers(followers.clone()),
            feed,
            followers,
            authority: Arc::clone(&session.authority),
            status: StatusState::new(
                Arc::clone(&session.authority),
                Arc::clone(&publisher),
                Arc::clone(&responder),
                session.folder.ledger(),
            )
            .with_limit_settings(&limits),
            limits,
            tasks: background::Tasks {
                authority: Arc::clone(&session.authority),
                publisher: Arc::clone(&publisher),
                responder,
                pool: session.pool(),
                canary: None,
            },
            settings,
            folder: session.folder.path().to_owned(),
            listen: options.listen.unwrap_or_else(|| recorded_address(&session)),
            socket: DataFolder::socket(session.folder.path()),
        };
        let (stop, stopped) = watch::channel(false);
        let (bound, binding) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("kasane-service".to_owned())
            .spawn(move || work.run(stopped, &bound))
            .map_err(|error| environment("service.thread", &error))?;
        let answer = binding.recv().unwrap_or_else(|_| {
            Err(Problem::new(
                ExitClass::Internal,
                "internal",
                "the service ended as it started",
            ))
        });
        let service = |address| Self {
            session,
            address,
            publisher,
            stop,
            thread,
        };
        match answer {
            Ok(address) => {
                let service = service(address);
                service.note("started");
                tracing::info!(%address, "status is served");
                Ok(service)
            }
            Err(problem) => {
                service(([0, 0, 0, 0], 0).into()).end();
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
    pub(crate) fn stop(self) {
        tracing::info!("stopping");
        self.note("stopped");
        self.end();
    }

    fn end(self) {
        // The receiver is gone when the thread ended already.
        let _told = self.stop.send(true);
        if self.thread.join().is_err() {
            tracing::error!("the service panicked; the next start recovers");
        }
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

/// What the service's thread works with.
struct Work {
    context: Context,
    authority: Arc<Authority>,
    followers: Followers,
    /// Where the feed listens, and its key.
    feed: Option<(SocketAddr, FeedKey)>,
    status: StatusState,
    /// What clients of status may take.
    limits: LimitSettings,
    tasks: background::Tasks,
    settings: RevocationSettings,
    /// The data folder.
    folder: std::path::PathBuf,
    listen: SocketAddr,
    socket: std::path::PathBuf,
}

impl Work {
    fn run(
        self,
        stopped: watch::Receiver<bool>,
        bound: &mpsc::SyncSender<Result<SocketAddr, Problem>>,
    ) {
        let runtime = match tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
        {
            Ok(runtime) => runtime,
            Err(error) => {
                // The starter waits for exactly this answer.
                let _told = bound.send(Err(environment("service.runtime", &error)));
                return;
            }
        };
        runtime.block_on(self.serve(stopped, bound));
        runtime.shutdown_timeout(STOP_TIMEOUT);
    }

    async fn serve(
        mut self,
        stopped: watch::Receiver<bool>,
        bound: &mpsc::SyncSender<Result<SocketAddr, Problem>>,
    ) {
        let (status_limits, feed_limits) = if self.feed.is_some() {
            descriptors::limits_with_feed()
        } else {
            (descriptors::status_limits(), FeedLimits::default())
        };
        let (listener, socket, feed) = match self.bind(feed_limits).await {
            Ok(all) => all,
            Err(problem) => {
                let _told = bound.send(Err(problem));
                return;
            }
        };
        let address = listener.local_addr().unwrap_or(self.listen);
        self.watch_revocations(address);
        let mut parts = JoinSet::new();
        let until = |mut stopped: watch::Receiver<bool>| async move {
            // An error means that whoever could stop us is gone.
            let _told = stopped.wait_for(|stop| *stop).await;
        };
        let server = StatusServer::new(self.status);
        parts.spawn(server::serve(
            listener,
            server,
            self.limits.of_listener(status_limits),
            until(stopped.clone()),
        ));
        parts.spawn(socket.serve(self.context, stopped.clone()));
        if let Some(feed) = feed {
            tracing::info!(address = %feed.address(), "edge responders may follow");
            let (stop, followers) = (stopped.clone(), self.followers);
            let server = FeedServer::new(self.authority, followers, stop, feed_limits);
            let (limits, until) = (feed_limits.server, until(stopped.clone()));
            parts.spawn(server::serve(feed, server, limits, until));
        }
        if let Some(canary) = self.tasks.canary.clone() {
            let stop = until(stopped.clone());
            parts.spawn(async move {
                stop.await;
                canary.stop();
            });
        }
        self.tasks.spawn(&mut parts, &stopped);
        let _told = bound.send(Ok(address));
        while let Some(ended) = parts.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a part of the service ended");
            }
        }
    }

    /// From here on commands know who answers for status, and a canary lives.
    fn watch_revocations(&mut self, address: SocketAddr) {
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
        self.tasks.canary = Some(canary);
    }

    async fn bind(
        &self,
        limits: FeedLimits,
    ) -> Result<(TcpListener, ControlSocket, Option<FeedListener>), Problem> {
        let mut feed = None;
        if let Some((address, key)) = &self.feed {
            let bound = FeedListener::bind(*address, key, limits)
                .await
                .map_err(|error| {
                    let message = format!(
                        "listening on {address} failed: {error}; choose another address with --feed"
                    );
                    Problem::new(ExitClass::Environment, "service.listen", message)
                })?;
            feed = Some(bound);
        }
        let listener = TcpListener::bind(self.listen).await.map_err(|error| {
            let message = format!(
                "listening on {} failed: {error}; choose another address with --listen",
                self.listen
            );
            Problem::new(ExitClass::Environment, "service.listen", message)
        })?;
        let socket = ControlSocket::bind(&self.socket)
            .map_err(|error| Problem::file("binding", &self.socket, &error))?;
        Ok((listener, socket, feed))
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

/// The recorded status address when it is one of this machine, which a demonstration's is.
fn recorded_address(session: &Session) -> SocketAddr {
    let recorded = &session.authority.configuration().config().status_url;
    recorded
        .strip_prefix("http://")
        .and_then(|host| host.parse::<SocketAddr>().ok())
        .filter(|address| address.ip().is_loopback())
        .unwrap_or_else(|| DEFAULT_LISTEN.into())
}

fn environment(code: &str, error: &std::io::Error) -> Problem {
    Problem::new(
        ExitClass::Environment,
        code,
        format!("the operating system refused: {error}"),
    )
}
