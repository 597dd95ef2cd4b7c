//! What the tests share: an authority, its feed, and clients of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kasane_ca_core::Actor;
use kasane_ca_core::authority::{Authority, Parts};
use kasane_ca_core::follower::{Ask, Enrolment};
use kasane_web::feed::{FeedClient, FeedKey, FeedLimits, FeedListener, FeedServer, Followers};
use kasane_web::server::{ClientLimits, Limits, Loopback, Trusted, serve};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::common::{self, World, world};
use crate::device::Device;

/// Time for what happens by itself, on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) key: FeedKey,
    pub(crate) address: SocketAddr,
    pub(crate) followers: Followers,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) device: Arc<Device>,
    pub(crate) runtime: Runtime,
}

/// Longer than any test: what ends, ends for another reason.
pub(crate) const NEVER: Duration = Duration::from_secs(3_600);

/// Limits that hold for this machine too; every address in 127.0.0.0/8 is a client of its own.
pub(crate) fn limited() -> FeedLimits {
    let usual = FeedLimits::default();
    FeedLimits {
        server: Limits {
            loopback: Loopback::Limited,
            ..usual.server
        },
        handshakes: ClientLimits {
            loopback: Loopback::Limited,
            ..usual.handshakes
        },
        ..usual
    }
}

/// Nothing ends by its own deadline.
pub(crate) fn patient() -> FeedLimits {
    let usual = limited();
    FeedLimits {
        server: Limits {
            head: NEVER,
            connection: NEVER,
            ..usual.server
        },
        handshake: NEVER,
        ..usual
    }
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with(FeedLimits::default())
    }

    pub(crate) fn with(limits: FeedLimits) -> Self {
        Self::trusting(limits, Trusted::default())
    }

    pub(crate) fn trusting(limits: FeedLimits, trusted: Trusted) -> Self {
        let (world, device) = on_device(world());
        let key = FeedKey::from_pkcs8(&common::p384().serialize_der()).unwrap();
        let runtime = Runtime::new().unwrap();
        let (stop, stopped) = watch::channel(false);
        let followers = Followers::default();
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = runtime.block_on(TcpListener::bind(loopback)).unwrap();
        let listener = FeedListener::new(listener, &key, limits).unwrap();
        let address = listener.address();
        let server = FeedServer::new(
            Arc::clone(&world.authority),
            followers.clone(),
            stopped.clone(),
            limits,
        )
        .trusting(Arc::new(trusted));
        runtime.spawn(serve(listener, server, limits.server, async move {
            let mut stopped = stopped;
            let _told = stopped.wait_for(|stop| *stop).await;
        }));
        Self {
            world,
            key,
            address,
            followers,
            stop,
            device,
            runtime,
        }
    }

    pub(crate) fn client(&self, name: &str, token: &str, key_sha256: &[u8; 32]) -> FeedClient {
        self.client_of(self.address, name, token, key_sha256)
    }

    pub(crate) fn client_of(
        &self,
        address: SocketAddr,
        name: &str,
        token: &str,
        key_sha256: &[u8; 32],
    ) -> FeedClient {
        let enrolment = Enrolment {
            name: name.to_owned(),
            feed: address.to_string(),
            feed_key_sha256: hex::encode(key_sha256),
            ledger_key: self.world.authority.ledger_key().verifier().vkey(),
            status_url: String::new(),
        };
        let token = Zeroizing::new(token.to_owned());
        FeedClient::new(&enrolment, &token, self.runtime.handle().clone()).unwrap()
    }

    pub(crate) fn token(&self, name: &str) -> Zeroizing<String> {
        self.world
            .authority
            .enrol_responder(&Actor::system(), name, "")
            .unwrap()
    }

    pub(crate) fn enrolled(&self, name: &str) -> FeedClient {
        self.client(name, &self.token(name), self.key.spki_sha256())
    }
}

/// The same authority on a device that can be made to wait.
fn on_device(world: World) -> (World, Arc<Device>) {
    let stopped = world.stopped();
    let device = Arc::new(Device::new(Arc::clone(&stopped.backend)));
    let folder = kasane_ca_core::folder::DataFolder::open(stopped.path.path()).unwrap();
    let parts = Parts {
        backend: Arc::clone(&device) as Arc<dyn kasane_hsm::KeyBackend>,
        ..common::parts(&stopped.clock, &stopped.backend)
    };
    let (authority, recovered) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
    let world = World {
        authority,
        recovered,
        clock: stopped.clock,
        backend: stopped.backend,
        folder,
        path: stopped.path,
    };
    (world, device)
}

pub(crate) fn ask(from: u64, wait: Duration) -> Ask {
    Ask {
        from,
        checkpoint: u64::MAX,
        covered_only: false,
        wait,
    }
}

pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
