//! What a backend can be given, and the two ways to it.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use kasane_hsm::pool::{Member, Pool, PoolOptions, SystemMonotonicClock};
use kasane_hsm::{
    Device, Error, KeyBackend, KeyLabel, KeyRole, Priority, SignRequest, Signature, SigningKey,
};
use kasane_verify::KeyAlgorithm;
use kasane_verify::crypto::{AwsLc, CryptoProvider};

/// Far longer than anything takes: ends a test that would hang.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// What a world can suffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It executes nothing until its log is drained.
    FullLog,
    /// The next signature is made, and nobody hears of it.
    LostAnswer,
    /// Sessions are gone.
    LostSession,
    /// Unplugged, until it is healed.
    Removed,
    /// Signatures take longer than [`World::SHORT`], until it is healed.
    Slow,
}

/// A backend with its surroundings.
pub(crate) trait World: Sync {
    /// The device as a ceremony has it.
    fn maker(&self) -> Arc<dyn Device>;

    /// The device as the running authority has it, opened anew.
    fn device(&self) -> Arc<dyn Device>;

    /// The device with a wrong credential; an error if it is found out at once.
    fn impostor(&self) -> Result<Arc<dyn Device>, Error>;

    /// How often a credential was tried, if that can be seen.
    fn tries(&self) -> Option<usize>;

    /// Whether its driver comes back at a deadline while the device is busy.
    fn is_interruptible(&self) -> bool;

    /// The keys that it can make.
    fn algorithms(&self) -> Vec<KeyAlgorithm>;

    /// False if it cannot be given this trouble.
    fn inflict(&self, trouble: Trouble) -> bool;

    /// Ends what lasts.
    fn heal(&self);

    /// Ends it and begins it again over the same storage.
    fn restart(&self);
}

/// A deadline that a slow device misses.
pub(crate) const SHORT: Duration = Duration::from_millis(300);

/// The way to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Through {
    Bare,
    Pool,
}

impl Through {
    pub(crate) const BOTH: [Self; 2] = [Self::Bare, Self::Pool];

    /// The device, or a pool of it alone.
    pub(crate) fn backend(self, device: Arc<dyn Device>) -> Arc<dyn KeyBackend> {
        match self {
            Self::Bare => device,
            Self::Pool => pool(device),
        }
    }
}

pub(crate) fn pool(device: Arc<dyn Device>) -> Arc<Pool> {
    let options = PoolOptions {
        longest_rest: Duration::from_millis(500),
        ..PoolOptions::default()
    };
    let clock = Arc::new(SystemMonotonicClock::new());
    Pool::new(vec![Member::new(device)], options, clock).unwrap()
}

pub(crate) fn label(text: &str) -> KeyLabel {
    KeyLabel::new(text).unwrap()
}

/// Makes a P-256 key for an issuing CA.
pub(crate) fn make(world: &dyn World) {
    world
        .maker()
        .generate(&label("issuing"), KeyRole::IssuingCa, KeyAlgorithm::P256)
        .unwrap();
}

/// Makes a P-256 key for an issuing CA and opens it.
pub(crate) fn issuing_key(
    world: &dyn World,
    through: Through,
) -> (Arc<dyn KeyBackend>, Arc<dyn SigningKey>) {
    make(world);
    let backend = through.backend(world.device());
    let key = backend.open(&label("issuing"), KeyRole::IssuingCa).unwrap();
    (backend, key)
}

pub(crate) fn sign_within(
    key: &dyn SigningKey,
    message: &[u8],
    deadline: Duration,
) -> Result<Signature, Error> {
    key.sign(&SignRequest {
        algorithm: key.info().algorithm.default_signature(),
        message,
        priority: Priority::Issuance,
        deadline,
    })
}

/// Signs, and sees that the signature verifies.
pub(crate) fn sign(key: &dyn SigningKey, message: &[u8]) -> Result<Signature, Error> {
    let signature = sign_within(key, message, PATIENCE)?;
    let info = key.info();
    let algorithm = info.algorithm.default_signature();
    AwsLc
        .verify(algorithm, &info.spki, message, &signature.octets)
        .unwrap();
    Ok(signature)
}

/// Signs until it succeeds, as the signing door does.
pub(crate) fn sign_at_last(key: &dyn SigningKey, message: &[u8]) {
    let end = Instant::now() + PATIENCE;
    while let Err(error) = sign(key, message) {
        assert!(Instant::now() < end, "{error}");
        thread::sleep(Duration::from_millis(20));
    }
}
