//! The socket of a running service: `DIR/kasane.sock`, for its owner and root only.

use std::convert::Infallible;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request as HttpRequest, Response as HttpResponse, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use kasane_ca_core::Requester;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::wire::{API_VERSION, COMMAND_PATH, Envelope, MAX_REQUEST_BYTES, Reply};
use super::{Context, ExitClass, Problem, SocketPath, dispatch};

/// Commands at work at once: each may hold a thread.
const MAX_CONCURRENT: usize = 32;

/// How long a peer may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a stop waits for commands at work.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// Whether a peer with that user number may command a service of the first one.
type PeerRule = fn(own_uid: u32, peer_uid: u32) -> bool;

/// The bound socket. Removed when dropped.
#[derive(Debug)]
pub struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
    peer_rule: PeerRule,
}

impl ControlSocket {
    /// Binds `path`. Call it only while holding the data folder: a socket file that a crash left
    /// behind is replaced. The socket never exists with other rights than 0600 where others could
    /// reach it: it is bound inside a folder of mode 0700 and then moved.
    ///
    /// # Errors
    /// The file system refused.
    pub fn bind(path: &Path) -> io::Result<Self> {
        let folder = path.with_extension("binding");
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::DirBuilder::new().mode(0o700).create(&folder)?;
        let inside = folder.join("s");
        let listener = UnixListener::bind(SocketPath::of(&inside)?.as_path())?;
        fs::set_permissions(&inside, Permissions::from_mode(0o600))?;
        fs::rename(&inside, path)?;
        fs::remove_dir(&folder)?;
        Ok(Self {
            listener,
            path: path.to_owned(),
            peer_rule: owner_or_root,
        })
    }

    /// Serves commands until `stop` turns true, then lets those at work finish.
    pub async fn serve(self, context: Context, mut stop: watch::Receiver<bool>) {
        let permits = Arc::new(Semaphore::new(MAX_CONCURRENT));
        let mut connections = JoinSet::new();
        loop {
            let stream = tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        tracing::warn!(%error, "control socket: accepting failed");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                },
                () = stopped(&mut stop) => break,
                Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            };
            let peer = Peer {
                context: context.clone(),
                permits: Arc::clone(&permits),
                rule: self.peer_rule,
            };
            connections.spawn(peer.serve(stream, stop.clone()));
        }
        let finish = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_TIMEOUT, finish).await.is_err() {
            tracing::warn!("control socket: commands at work did not finish in time");
        }
    }

    #[cfg(test)]
    pub(super) const fn with_peer_rule(mut self, rule: PeerRule) -> Self {
        self.peer_rule = rule;
        self
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        // Gone already when another service replaced it; nothing to do then.
        let _removed = fs::remove_file(&self.path);
    }
}

/// Who may command: the user that runs the service, and root.
pub(super) const fn owner_or_root(own_uid: u32, peer_uid: u32) -> bool {
    peer_uid == own_uid || peer_uid == 0
}

/// Returns when the service shall stop, or whoever could say so is gone.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _told = stop.wait_for(|stop| *stop).await;
}

struct Peer {
    context: Context,
    permits: Arc<Semaphore>,
    rule: PeerRule,
}

impl Peer {
    async fn serve(self, stream: UnixStream, mut stop: watch::Receiver<bool>) {
        let requester = self.authenticate(&stream);
        let (context, permits) = (&self.context, &self.permits);
        let service = service_fn(|request| {
            let requester = requester.clone();
            async move {
                let reply = match requester {
                    Ok(requester) => answer(context, permits, requester, request).await,
                    Err(problem) => Err(problem),
                };
                Ok::<_, Infallible>(encode(reply))
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let served = tokio::select! {
            served = connection.as_mut() => served,
            () = stopped(&mut stop) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = served {
            tracing::debug!(%error, "control socket: connection ended");
        }
    }

    /// Who is at the other end, by the kernel's word.
    fn authenticate(&self, stream: &UnixStream) -> Result<Requester, Problem> {
        let own_uid = rustix::process::geteuid().as_raw();
        let peer_uid = stream.peer_cred().map(|peer| peer.uid());
        match peer_uid {
            Ok(uid) if (self.rule)(own_uid, uid) => Ok(Requester::local_user(uid)),
            Ok(uid) => {
                tracing::warn!(uid, "control socket: peer refused");
                let message = format!("user {uid} may not command this service: ask its operator");
                Err(Problem::new(
                    ExitClass::Refused,
                    "socket.peer-refused",
                    message,
                ))
            }
            Err(error) => {
                let message = format!("the peer of the socket is not known: {error}");
                Err(Problem::new(
                    ExitClass::Environment,
                    "socket.peer-unknown",
                    message,
                ))
            }
        }
    }
}

async fn answer(
    context: &Context,
    permits: &Arc<Semaphore>,
    requester: Requester,
    request: HttpRequest<Incoming>,
) -> Result<super::Response, Problem> {
    let malformed = |message: String| Problem::new(ExitClass::Refused, "socket.request", message);
    if request.uri().path() != COMMAND_PATH || request.method() != Method::POST {
        return Err(malformed(format!(
            "only POST {COMMAND_PATH} is served here"
        )));
    }
    let body = Limited::new(request.into_body(), MAX_REQUEST_BYTES)
        .collect()
        .await;
    let body = body.map_err(|error| {
        if error.is::<LengthLimitError>() {
            malformed(format!("a command has at most {MAX_REQUEST_BYTES} bytes"))
        } else {
            malformed(format!("the command did not arrive: {error}"))
        }
    })?;
    let envelope: Envelope = serde_json::from_slice(&body.to_bytes())
        .map_err(|error| malformed(format!("the command cannot be read: {error}")))?;
    if envelope.version != API_VERSION {
        let message = format!(
            "the command has version {}, this service speaks {API_VERSION}: use the program of the same release",
            envelope.version
        );
        return Err(Problem::new(ExitClass::Refused, "socket.version", message));
    }
    let stopping = || {
        Problem::new(
            ExitClass::Environment,
            "socket.stopping",
            "the service is stopping",
        )
    };
    let _permit = permits.acquire().await.map_err(|_| stopping())?;
    let context = context.clone();
    let work = move || dispatch(&context, envelope.command, &requester);
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| {
            tracing::error!(%error, "a command panicked");
            let message = "the command failed inside the service: see its log";
            Err(Problem::new(ExitClass::Internal, "internal", message))
        })
}

fn encode(reply: Result<super::Response, Problem>) -> HttpResponse<Full<Bytes>> {
    let (status, reply) = match reply {
        Ok(response) => (StatusCode::OK, Reply::Ok(Box::new(response))),
        Err(problem) => (status_of(problem.class), Reply::Error(problem)),
    };
    let body = serde_json::to_vec(&reply).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer cannot be encoded");
        Vec::new()
    });
    let mut response = HttpResponse::new(Full::from(body));
    *response.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

const fn status_of(class: ExitClass) -> StatusCode {
    match class {
        ExitClass::Negative | ExitClass::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        ExitClass::Usage => StatusCode::BAD_REQUEST,
        ExitClass::NotFound => StatusCode::NOT_FOUND,
        ExitClass::Conflict => StatusCode::CONFLICT,
        ExitClass::Integrity | ExitClass::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ExitClass::Environment | ExitClass::NotVisible => StatusCode::SERVICE_UNAVAILABLE,
    }
}
