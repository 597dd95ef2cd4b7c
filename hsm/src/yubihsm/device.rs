//! The device: its configuration, and the contract of backends.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use kasane_verify::KeyAlgorithm;

use super::channel::Channel;
use super::core::{COMMAND, Core, WALK};
use super::foreign::Foreign;
use super::key::YubiHsmKey;
use super::lane::{Lane, Who};
use super::link::Link;
use super::provision::SetUp;
use crate::config::{
    Access, AuthenticationConfig, CredentialSource, ForeignKey, YubiHsmConfig, resolve_recorded,
};
use crate::device::{CommandLog, SessionUse, Wrapping};
use crate::{
    Attestation, BackendKind, Device, DeviceIdentity, DeviceName, Error, KeyBackend, KeyInfo,
    KeyLabel, KeyRole, SigningKey,
};

/// Object ID of the device's own attestation key and of its certificate (YubiHSM 2 Concepts,
/// "Attestation").
const ATTESTATION: u16 = 0;

/// A YubiHSM 2, or the simulator of one.
///
/// It runs one command at a time. Its sessions are opened by the first call that needs one and anew
/// after any loss. A password is sent to the key derivation once and kept only as the keys derived.
///
/// It holds two sessions at most, one for each credential, and closes them when it is dropped; the
/// device has 16 for everybody. By USB they end when they were idle for 30 s.
#[derive(Clone, Debug)]
pub struct YubiHsmDevice {
    pub(super) core: Arc<Core>,
}

impl YubiHsmDevice {
    /// Checks the configuration and resolves the passwords that `access` needs: its own, and that of the
    /// command log's reader if one is configured. The device itself is asked only by the first call, so
    /// that one which is unplugged stops no start.
    ///
    /// # Errors
    /// [`Error::BadConfiguration`], [`Error::BadLabel`], [`Error::UnknownRole`], or what
    /// `credentials` says.
    pub fn open(
        name: DeviceName,
        config: &YubiHsmConfig,
        keys: &[ForeignKey],
        access: Access,
        credentials: &dyn CredentialSource,
    ) -> Result<Self, Error> {
        let backend: Arc<str> = format!("YubiHSM {name}").into();
        let refuse = |reason: String| Error::BadConfiguration {
            backend: backend.to_string(),
            reason,
        };
        let foreign = keys
            .iter()
            .map(|key| Foreign::new(&backend, key))
            .collect::<Result<Vec<_>, _>>()?;
        let serial = config
            .serial
            .as_deref()
            .map(|serial| {
                serial.parse::<u32>().map_err(|_| {
                    refuse(format!("serial {serial:?}: write the number on the device"))
                })
            })
            .transpose()?;
        let channel = |name_of_credential, config: &AuthenticationConfig| {
            let purpose = format!("{name_of_credential} password of device {name}");
            let password = &config.password;
            let (secret, record) =
                resolve_recorded(credentials, password, &name, name_of_credential, &purpose)?;
            Ok::<_, Error>(Channel::new(config.key_id, secret, record))
        };
        let (purpose, own) = match access {
            Access::Ceremony => ("ceremony", config.ceremony.as_ref()),
            Access::Signing => ("signing", config.signing.as_ref()),
            Access::Audit => ("audit", config.audit.as_ref()),
        };
        let own = own.ok_or_else(|| {
            refuse(format!(
                "there is no {purpose} = {{ key_id, password }} for it"
            ))
        })?;
        let link = Link::new(&config.connector, serial).map_err(refuse)?;
        let main = channel(purpose, own)?;
        let audit = match (&config.audit, access) {
            (Some(audit), Access::Ceremony | Access::Signing) => Some(channel("audit", audit)?),
            (_, Access::Audit) | (None, _) => None,
        };
        let core = Core {
            place: link.place().to_owned(),
            has_audit: audit.is_some() || access == Access::Audit,
            lane: Lane::new(
                Arc::clone(&backend),
                serial,
                config.simulator,
                link,
                main,
                audit,
            ),
            name,
            backend,
            foreign,
            labels: parking_lot::Mutex::default(),
        };
        Ok(Self {
            core: Arc::new(core),
        })
    }
}

impl YubiHsmDevice {
    /// Looks how it is set up, in a session of ceremonies, and changes nothing. `default_key_id` is the
    /// authentication key that a reset device has: 1.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] to other credentials, or a device error.
    pub fn set_up(&self, default_key_id: u16) -> Result<SetUp, Error> {
        SetUp::look(&self.core.backend, &self.core.lane, default_key_id)
    }
}

impl KeyBackend for YubiHsmDevice {
    /// The connector is asked once whether it is a simulator, which an honest one says. That a device is
    /// a device is shown by its attestations alone.
    fn kind(&self) -> BackendKind {
        if self.core.lane.is_simulator() {
            BackendKind::Simulator
        } else {
            BackendKind::Hardware
        }
    }

    fn describe(&self) -> String {
        let core = &self.core;
        let what = match self.kind() {
            BackendKind::Simulator => "simulated YubiHSM 2",
            BackendKind::Hardware | BackendKind::Software => "YubiHSM 2",
        };
        format!("{what} {} at {}", core.name, core.place)
    }

    fn generate(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, Error> {
        self.core.make(label, role, algorithm)
    }

    fn keys(&self) -> Result<Vec<KeyInfo>, Error> {
        let found = self.core.walk(Instant::now() + WALK)?;
        Ok(found.into_iter().map(|key| key.info).collect())
    }

    fn open(&self, label: &KeyLabel, role: KeyRole) -> Result<Arc<dyn SigningKey>, Error> {
        let found = self.core.find(label, Instant::now() + COMMAND)?;
        if found.info.role != role {
            return Err(Error::RoleMismatch {
                label: label.clone(),
                has: found.info.role,
                asked: role,
            });
        }
        Ok(Arc::new(YubiHsmKey::new(Arc::clone(&self.core), found)))
    }

    /// The statement is signed by the attestation key that the device left the factory with; the chain
    /// is its certificate, which is opaque object 0. A credential without `get-opaque`, or a device
    /// without that object, gives a statement without a chain.
    fn attestation(&self, label: &KeyLabel) -> Result<Option<Attestation>, Error> {
        let deadline = Instant::now() + COMMAND;
        let found = self.core.find(label, deadline)?;
        let certificate = self.core.on_key(label, "attest", deadline, |session| {
            session
                .client
                .sign_attestation_certificate(found.id, Some(ATTESTATION))
        })?;
        let opaque = self
            .core
            .on_key(label, "read attestation certificate", deadline, |session| {
                session.client.get_opaque(ATTESTATION)
            });
        let chain = match opaque {
            Ok(opaque) => vec![opaque],
            Err(Error::KeyNotFound { .. } | Error::NotPermitted { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(Some(Attestation {
            certificate: certificate.into_vec(),
            chain,
        }))
    }
}

impl Device for YubiHsmDevice {
    fn name(&self) -> &DeviceName {
        &self.core.name
    }

    /// A simulator says the same of itself as a device does, and is not called one here.
    fn identity(&self) -> Result<DeviceIdentity, Error> {
        self.core
            .lane
            .identity(Instant::now() + COMMAND)
            .map_err(|fault| fault.plain(&self.core.backend, "identify"))
    }

    fn sessions(&self) -> Option<SessionUse> {
        Some(self.core.lane.sessions())
    }

    fn lanes(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    /// An echo through the secure channel: connector, device, credential and log are all tried.
    fn probe(&self) -> Result<(), Error> {
        const SIGN_OF_LIFE: &[u8] = b"kasane";
        let deadline = Instant::now() + COMMAND;
        let echo = self
            .core
            .on_device(Who::Main, "probe", deadline, |session| {
                session.client.echo(SIGN_OF_LIFE)
            })?;
        if echo == SIGN_OF_LIFE {
            Ok(())
        } else {
            Err(self.core.refuse("probe", "the echo is another one"))
        }
    }

    /// It counts no refused passwords.
    fn forget_refusal(&self) {
        self.core.lane.forget_refusals();
    }

    fn command_log(&self) -> Option<&dyn CommandLog> {
        self.core.has_audit.then_some(self as &dyn CommandLog)
    }

    fn wrapping(&self) -> Option<&dyn Wrapping> {
        Some(self)
    }

    fn key_id(&self, label: &KeyLabel) -> Result<Vec<u8>, Error> {
        let found = self.core.find(label, Instant::now() + COMMAND)?;
        Ok(found.id.to_be_bytes().to_vec())
    }
}
