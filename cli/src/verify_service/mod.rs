//! The verification service: its configuration, its listener, its CRL files.

mod crls;

use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crls::CrlFiles;
use kasane_ca_core::clock::SystemClock;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::AwsLc;
use kasane_verify::path::TrustAnchor;
use kasane_verify::pem;
use kasane_verify::policy::{Class, Timeline};
use kasane_verify::revocation::{HeldCrls, Requirement, RevocationRules, Sources};
use kasane_web::control::{ExitClass, Problem};
use kasane_web::server::{self, Limits};
use kasane_web::verify_service::{PrivateSocket, Service, ServiceLimits, ServiceParts, router};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};

use crate::commands::read_text;

/// Largest bundle of certificates and largest policy that are read.
const MAX_FILE_BYTES: usize = 1024 * 1024;

/// CRL files are looked at so often.
const CRL_INTERVAL: Duration = Duration::from_secs(2);

/// Where it listens.
#[derive(Debug)]
pub(crate) enum Place {
    Socket(PathBuf),
    Address(SocketAddr),
}

/// How the service runs.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) anchors: Vec<PathBuf>,
    pub(crate) intermediates: Vec<PathBuf>,
    pub(crate) place: Place,
    pub(crate) policy: Option<PathBuf>,
    pub(crate) class: Class,
    pub(crate) end_entity: Requirement,
    pub(crate) authorities: Requirement,
    pub(crate) sources: Sources,
    pub(crate) crls: Vec<PathBuf>,
}

/// Runs the service until SIGINT or SIGTERM.
pub(crate) fn run(options: Options) -> Result<(), Problem> {
    if let Place::Address(address) = options.place
        && !address.ip().is_loopback()
    {
        let message = format!(
            "{address} is refused: the service authenticates nobody, so it listens on loopback \
             addresses or a Unix socket only"
        );
        return Err(Problem::new(
            ExitClass::Refused,
            "listen.not-loopback",
            message,
        ));
    }
    let held = Arc::new(HeldCrls::default());
    let mut files = CrlFiles::new(options.crls.clone(), Arc::clone(&held));
    if files.refresh() > 0 {
        let message = "not every CRL can be read: the log names them";
        return Err(Problem::new(ExitClass::Refused, "crl.unreadable", message));
    }
    let service = Arc::new(Service::new(parts(&options, held)?));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| environment("service.runtime", &error))?;
    runtime.block_on(serve(service, options.place, files))
}

fn parts(options: &Options, crls: Arc<HeldCrls>) -> Result<ServiceParts, Problem> {
    let anchors = certificates(&options.anchors)?
        .iter()
        .map(|(path, der)| {
            TrustAnchor::from_certificate(der, &AwsLc)
                .map_err(|error| unreadable(error.code(), path, &error))
        })
        .collect::<Result<_, _>>()?;
    let intermediates = certificates(&options.intermediates)?
        .into_iter()
        .map(|(path, der)| match Certificate::from_der(&der) {
            Ok(_) => Ok(der),
            Err(error) => Err(unreadable(error.code(), path, &error)),
        })
        .collect::<Result<_, _>>()?;
    let timeline = match &options.policy {
        None => Timeline::overlap(),
        Some(path) => Timeline::from_toml(&read_text(path, MAX_FILE_BYTES)?),
    };
    Ok(ServiceParts {
        anchors,
        intermediates,
        timeline: timeline.map_err(kasane_ca_core::Error::from)?,
        class: options.class,
        rules: RevocationRules {
            end_entity: options.end_entity,
            intermediates: options.authorities,
            sources: options.sources,
            ..RevocationRules::default()
        },
        crls,
        crypto: Arc::new(AwsLc),
        clock: Arc::new(SystemClock),
        limits: ServiceLimits::default(),
    })
}

async fn serve(service: Arc<Service>, place: Place, files: CrlFiles) -> Result<(), Problem> {
    let failed = |error| environment("service.signal", &error);
    let mut interrupted = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(failed)?;
    let stopped = async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
        tracing::info!("stopping");
    };
    tracing::info!(?service, "judging");
    let refreshing = tokio::spawn(keep_fresh(files));
    let result = listen(service, place, stopped).await;
    refreshing.abort();
    result
}

async fn listen(
    service: Arc<Service>,
    place: Place,
    stopped: impl Future<Output = ()>,
) -> Result<(), Problem> {
    let (router, limits) = (router(service), Limits::default());
    match place {
        Place::Socket(path) => {
            let (listener, _file) = PrivateSocket::bind(&path)
                .map_err(|error| not_listening(&path.display().to_string(), &error))?;
            tracing::info!(socket = %path.display(), "listening");
            server::serve(listener, router, limits, stopped).await;
        }
        Place::Address(address) => {
            let failed = |error| not_listening(&address.to_string(), &error);
            let listener = TcpListener::bind(address).await.map_err(failed)?;
            let address = listener.local_addr().map_err(failed)?;
            tracing::info!(%address, "listening");
            server::serve(listener, router, limits, stopped).await;
        }
    }
    Ok(())
}

async fn keep_fresh(mut files: CrlFiles) {
    let mut ticks = interval(CRL_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let refreshed = tokio::task::spawn_blocking(move || {
            files.refresh();
            files
        });
        files = match refreshed.await {
            Ok(files) => files,
            Err(error) => {
                tracing::error!(%error, "CRLs are read no more: restart the service");
                return;
            }
        };
    }
}

fn certificates(paths: &[PathBuf]) -> Result<Vec<(&Path, Vec<u8>)>, Problem> {
    let mut all = Vec::new();
    for path in paths {
        let text = read_text(path, MAX_FILE_BYTES)?;
        let found = pem::certificates(text.as_bytes())
            .map_err(|error| unreadable(error.code(), path, &error))?;
        all.extend(found.into_iter().map(|der| (path.as_path(), der)));
    }
    Ok(all)
}

fn unreadable(code: &str, path: &Path, error: &dyn std::error::Error) -> Problem {
    let message = format!("{}: {error}", path.display());
    Problem::new(ExitClass::Refused, code, message)
}

fn not_listening(place: &str, error: &std::io::Error) -> Problem {
    let class = match error.kind() {
        std::io::ErrorKind::AddrInUse | std::io::ErrorKind::AlreadyExists => ExitClass::Conflict,
        _ => ExitClass::Environment,
    };
    let message = format!("listening on {place} failed: {error}");
    Problem::new(class, "service.listen", message)
}

fn environment(code: &str, error: &std::io::Error) -> Problem {
    let message = format!("the operating system refused: {error}");
    Problem::new(ExitClass::Environment, code, message)
}
