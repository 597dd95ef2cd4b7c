//! A token as a device.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use kasane_verify::KeyAlgorithm;

use super::fault::Fault;
use super::lanes::Lanes;
use super::module::Module;
use super::objects::Foreign;
use super::pin::Pin;
use super::selector::Selector;
use super::signer::Signer;
use super::token::{self, Token};
use crate::config::{CredentialSource, ForeignKey, Pkcs11Config, resolve_recorded};
use crate::{
    Attestation, BackendKind, Device, DeviceIdentity, DeviceName, Error, KeyBackend, KeyInfo,
    KeyLabel, KeyRole, SigningKey,
};

/// How long calls without a deadline of their own wait for a session.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a start waits for a token to appear, and how often it looks. A soft token is a file: it
/// is not there while another process writes it.
const SETTLING: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A PKCS#11 token.
///
/// A command that runs inside the library cannot be interrupted: a deadline bounds the wait for a
/// session and for the library, and whoever calls must be able to wait for the token.
#[derive(Debug)]
pub struct Pkcs11Device {
    token: Arc<Token>,
}

impl Pkcs11Device {
    /// Loads the library, finds the token and logs in.
    ///
    /// # Errors
    /// As [`Pkcs11Device::unconnected`]; [`Error::Unreachable`], which lists the tokens that are
    /// there; [`Error::WrongDevice`] when several fit; [`Error::WrongCredential`].
    pub fn open(
        name: DeviceName,
        config: &Pkcs11Config,
        keys: &[ForeignKey],
        credentials: &dyn CredentialSource,
    ) -> Result<Self, Error> {
        let device = Self::unconnected(name, config, keys, credentials)?;
        let end = token::deadline(SETTLING);
        loop {
            match device.probe() {
                Ok(()) => return Ok(device),
                // A start must not fail because another process is just writing to the token.
                Err(Error::Unreachable { .. } | Error::Device { .. }) if Instant::now() < end => {
                    thread::sleep(LOOK_AGAIN);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Loads the library and asks for the PIN; the first call connects. For a token that may be
    /// unplugged at the start. Until it was reached once, it counts as [`BackendKind::Software`].
    ///
    /// # Errors
    /// [`Error::WrongDevice`]: no PKCS#11 library, or a table that does not fit.
    /// [`Error::WrongCredential`]: the PIN is not there.
    pub fn unconnected(
        name: DeviceName,
        config: &Pkcs11Config,
        keys: &[ForeignKey],
        credentials: &dyn CredentialSource,
    ) -> Result<Self, Error> {
        let selector = Selector {
            label: config.token_label.clone(),
            serial: config.token_serial.clone(),
        };
        let foreign: Vec<_> = keys.iter().map(Foreign::read).collect::<Result<_, _>>()?;
        let sessions = NonZeroUsize::new(config.sessions).ok_or_else(|| Error::WrongDevice {
            backend: selector.to_string(),
            reason: "no session is configured".to_owned(),
        })?;
        let module = Module::load(&config.module)?;
        let purpose = format!("PIN of device {name}");
        let (secret, record) = resolve_recorded(credentials, &config.pin, &name, "pin", &purpose)?;
        let pin = Pin::new(secret, record, &selector.to_string())?;
        let token = Token::new(
            name,
            selector,
            foreign,
            config.hash_on,
            config.vouched_hardware,
            module,
            pin,
            Lanes::new(sessions),
        );
        Ok(Self {
            token: Arc::new(token),
        })
    }

    fn key<T>(
        &self,
        operation: &'static str,
        label: &KeyLabel,
        take: impl Fn(&super::objects::KeyObject) -> T,
    ) -> Result<T, Error> {
        let token = &self.token;
        token.run(operation, token::deadline(PATIENCE), |lane| {
            lane.key(label, &token.foreign)?
                .map(|key| take(&key))
                .ok_or_else(|| Fault::from(token.not_found(label)))
        })
    }
}

impl KeyBackend for Pkcs11Device {
    fn kind(&self) -> BackendKind {
        self.token
            .facts()
            .map_or(BackendKind::Software, |facts| facts.kind)
    }

    fn describe(&self) -> String {
        self.token.describe()
    }

    fn generate(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, Error> {
        let _one = self.token.module.generating.lock();
        self.token
            .run("generate", token::deadline(PATIENCE), |lane| {
                self.token.make(lane, label, role, algorithm)
            })
            .map(|key| key.info)
    }

    fn keys(&self) -> Result<Vec<KeyInfo>, Error> {
        self.token.run("list", token::deadline(PATIENCE), |lane| {
            let keys = lane.keys(&self.token.foreign)?;
            Ok(keys.iter().map(|key| key.info.clone()).collect())
        })
    }

    fn open(&self, label: &KeyLabel, role: KeyRole) -> Result<Arc<dyn SigningKey>, Error> {
        let info = self.key("open", label, |key| key.info.clone())?;
        if info.role != role {
            return Err(Error::RoleMismatch {
                label: label.clone(),
                has: info.role,
                asked: role,
            });
        }
        Ok(Arc::new(Signer {
            token: Arc::clone(&self.token),
            info,
        }))
    }

    /// PKCS#11 has none.
    fn attestation(&self, label: &KeyLabel) -> Result<Option<Attestation>, Error> {
        self.key("attest", label, |_| None)
    }
}

impl Device for Pkcs11Device {
    fn name(&self) -> &DeviceName {
        &self.token.name
    }

    fn identity(&self) -> Result<DeviceIdentity, Error> {
        self.token
            .run("identify", token::deadline(PATIENCE), |lane| {
                Ok(lane.connection.facts.identity.clone())
            })
    }

    fn lanes(&self) -> NonZeroUsize {
        self.token.lanes.count()
    }

    /// `C_GetSessionInfo`, and `C_GetTokenInfo`, which reaches the token.
    fn probe(&self) -> Result<(), Error> {
        self.token.run("probe", token::deadline(PATIENCE), |lane| {
            lane.check_login()?;
            lane.library.pkcs11().get_token_info(lane.connection.slot)?;
            Ok(())
        })
    }

    fn key_id(&self, label: &KeyLabel) -> Result<Vec<u8>, Error> {
        self.key("look up", label, |key| key.id.clone())
    }
}
