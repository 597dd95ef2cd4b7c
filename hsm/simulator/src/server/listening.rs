//! Listens and accepts.

use std::{
    fs,
    future::Future,
    io,
    net::SocketAddr,
    os::unix::fs::{FileTypeExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use der::{Decode, EncodePem, pem::LineEnding};
use tokio::{
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    task::JoinSet,
    time::sleep,
};

use super::{Handle, conduct::Conduct, connector::Connector, control, engine::Engine};
use crate::{
    Error,
    options::{ControlAddress, Options},
};

/// After a failed accept (too many open files), before the next.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// What a simulator that is up tells about itself.
#[derive(Clone, Debug)]
pub struct Listening {
    /// The connector's address: `http://` in front of it is its URL.
    pub connector: SocketAddr,
    /// Where misbehaviour is asked for.
    pub control: Option<ControlAddress>,
    /// The serial number.
    pub serial: u32,
    /// The root of attestations.
    pub attestation_root_pem: String,
    /// Control from inside the same program.
    pub handle: Handle,
}

/// Runs a simulator until `shutdown` comes. `ready` is called once it listens.
///
/// # Errors
/// An address or the state folder cannot be had, or keys cannot be made.
pub async fn run(
    options: Options,
    ready: impl FnOnce(&Listening),
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    let listener = bind(options.listen).await?;
    let connector = local(&listener, options.listen)?;
    let door = match &options.control {
        None => None,
        Some(ControlAddress::Port(address)) => Some(Door::Port(bind(*address).await?)),
        Some(ControlAddress::Socket(path)) => Some(Door::bind_socket(path)?),
    };
    let control = door.as_ref().map(Door::address).transpose()?;
    let conduct = Arc::new(Conduct::new());
    let wishes = options.misbehaviour.clone();
    let (engine, thread, identity) = Engine::start(options, Arc::clone(&conduct)).await?;
    for wish in wishes {
        engine.wish(wish).await.map_err(|reason| Error::State {
            path: PathBuf::from("--misbehave"),
            reason,
        })?;
    }
    let attestation_root_pem = x509_cert::Certificate::from_der(&identity.attestation_root)
        .and_then(|root| root.to_pem(LineEnding::LF))
        .map_err(|_| Error::Cryptography {
            what: "attestation root",
        })?;
    ready(&Listening {
        connector,
        control,
        serial: identity.serial,
        attestation_root_pem,
        handle: Handle(engine.clone()),
    });
    let service = Connector {
        engine: engine.clone(),
        conduct,
        address: connector,
        serial: identity.serial,
        firmware: identity.firmware,
    };
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(service.clone().serve(stream));
                }
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
            accepted = Door::accept(door.as_ref()) => match accepted {
                Ok(Visitor::Port(stream)) => {
                    connections.spawn(control::serve(engine.clone(), stream));
                }
                Ok(Visitor::Socket(stream)) => {
                    connections.spawn(control::serve(engine.clone(), stream));
                }
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    connections.shutdown().await;
    if let Some(Door::Socket(_, path)) = &door {
        // It may be gone already.
        let _ = fs::remove_file(path);
    }
    // The device finishes the command in hand.
    let joined = tokio::task::spawn_blocking(move || thread.join()).await;
    joined.map_err(|_| Error::Ended)
}

/// Where control comes in.
enum Door {
    Port(TcpListener),
    Socket(UnixListener, PathBuf),
}

impl Door {
    fn bind_socket(path: &Path) -> Result<Self, Error> {
        let failed = |reason| Error::Address {
            address: path.display().to_string(),
            reason,
        };
        // The socket of a process that was killed.
        if fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket()) {
            fs::remove_file(path).map_err(failed)?;
        }
        let listener = UnixListener::bind(path).map_err(failed)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        Ok(Self::Socket(listener, path.to_owned()))
    }

    fn address(&self) -> Result<ControlAddress, Error> {
        Ok(match self {
            Self::Port(listener) => {
                ControlAddress::Port(local(listener, SocketAddr::from(([127, 0, 0, 1], 0)))?)
            }
            Self::Socket(_, path) => ControlAddress::Socket(path.clone()),
        })
    }

    /// Takes one connection; never, without a door.
    async fn accept(door: Option<&Self>) -> io::Result<Visitor> {
        Ok(match door {
            None => std::future::pending().await,
            Some(Self::Port(listener)) => Visitor::Port(listener.accept().await?.0),
            Some(Self::Socket(listener, _)) => Visitor::Socket(listener.accept().await?.0),
        })
    }
}

/// Who came in by it.
enum Visitor {
    Port(TcpStream),
    Socket(UnixStream),
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Error> {
    if !address.ip().is_loopback() {
        return Err(Error::NotLoopback { address });
    }
    TcpListener::bind(address)
        .await
        .map_err(|reason| Error::Address {
            address: address.to_string(),
            reason,
        })
}

fn local(listener: &TcpListener, asked: SocketAddr) -> Result<SocketAddr, Error> {
    listener.local_addr().map_err(|reason| Error::Address {
        address: asked.to_string(),
        reason,
    })
}
