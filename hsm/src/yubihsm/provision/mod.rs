//! Setting up a fresh device: three credentials with the least rights, forced audit, and the end of
//! the default credential.

mod audited;
mod commissioned;
mod plan;
mod rights;

use std::sync::Arc;
use std::time::Instant;

use yubihsm::object::{self, Type};
use yubihsm::{AuditOption, authentication};

use self::rights::Rights;
use super::channel::Channel;
use super::core::COMMAND;
use super::fault::Fault;
use super::lane::{Lane, Who};
use super::link::Link;
use crate::config::Access;
use crate::{Disposition, Error};

pub use commissioned::{Commissioned, Outcome};
pub use plan::{CommissionPlan, Login};

/// Label of an authentication key of ours: `kasane-signing`.
const LABEL_PREFIX: &str = "kasane-";

/// Sets a device up, or goes on where it was interrupted. `connector` as in `hsm.toml`; `serial`
/// refuses another device; `default` is the authentication key that a reset device has: 1 and its known
/// password.
///
/// In this order, each step left out where it is done already:
/// 1. the three credentials are stored, and each is tried;
/// 2. what uses or changes keys is logged from now on, and nothing is executed while the log is full;
/// 3. the default authentication key is deleted.
///
/// From then on nobody can change options or credentials but by a reset of the device.
///
/// # Errors
/// [`Error::BadConfiguration`]; [`Error::WrongCredential`] when neither the default credential nor those
/// of the plan open the device; [`Error::Device`] when a credential of that ID has other rights; or a
/// device error.
pub fn commission(
    connector: &str,
    serial: Option<u32>,
    default: &Login,
    plan: &CommissionPlan,
) -> Result<Commissioned, Error> {
    let site = Site {
        backend: format!("YubiHSM at {connector}").into(),
        connector,
        serial,
    };
    plan.check(&site.backend, default)?;
    let lane = site.log_in(default)?;
    let identity = match lane.identity(deadline()) {
        Ok(identity) => identity,
        Err(Fault::Other(error @ Error::WrongCredential { .. })) => {
            return site.already(default, plan, error);
        }
        Err(fault) => return Err(fault.plain(&site.backend, "commission")),
    };
    let mut stored = [Outcome::There; 3];
    for (outcome, (access, login)) in stored.iter_mut().zip(plan.logins()) {
        *outcome = site.store(&lane, access, login, rights::of(access, plan.ocsp_signers))?;
        site.log_in(login)?
            .identity(deadline())
            .map_err(|fault| fault.plain(&site.backend, "try credential"))?;
    }
    let audit_options = site.audit(&lane)?;
    site.run(&lane, "delete default authentication key", |client| {
        client.delete_object(default.key_id, Type::AuthenticationKey)
    })?;
    let [ceremony, signing, audit] = stored;
    Ok(Commissioned {
        identity,
        ceremony,
        signing,
        audit,
        audit_options,
        default_key: Outcome::Done,
    })
}

/// What a look at a device's set-up finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetUp {
    /// What uses or changes keys is logged, and nothing is executed while the log is full.
    pub audited: bool,
    /// The authentication key that a reset device has is still there.
    pub default_key: bool,
}

/// Looks with the credential of ceremonies, and changes nothing. `default_key_id` as in
/// [`commission`].
///
/// # Errors
/// [`Error::BadConfiguration`], [`Error::WrongCredential`], or a device error.
pub fn look(
    connector: &str,
    serial: Option<u32>,
    ceremony: &Login,
    default_key_id: u16,
) -> Result<SetUp, Error> {
    let site = Site {
        backend: format!("YubiHSM at {connector}").into(),
        connector,
        serial,
    };
    let lane = site.log_in(ceremony)?;
    Ok(SetUp {
        audited: site.is_audited(&lane)?,
        default_key: site.look(&lane, default_key_id)?.is_some(),
    })
}

fn deadline() -> Instant {
    Instant::now() + COMMAND
}

/// The device that is set up.
struct Site<'a> {
    backend: Arc<str>,
    connector: &'a str,
    serial: Option<u32>,
}

impl Site<'_> {
    fn log_in(&self, login: &Login) -> Result<Lane, Error> {
        let link =
            Link::new(self.connector, self.serial).map_err(|reason| Error::BadConfiguration {
                backend: self.backend.to_string(),
                reason,
            })?;
        let channel = Channel::new(login.key_id, login.password.clone());
        Ok(Lane::new(
            Arc::clone(&self.backend),
            self.serial,
            link,
            channel,
            None,
        ))
    }

    fn run<T>(
        &self,
        lane: &Lane,
        operation: &'static str,
        command: impl Fn(&yubihsm::Client) -> Result<T, yubihsm::client::Error>,
    ) -> Result<T, Error> {
        lane.run(Who::Main, operation, deadline(), |session| {
            command(session.client)
        })
        .map_err(|fault| fault.plain(&self.backend, operation))
    }

    fn refuse(&self, reason: String) -> Error {
        Error::Device {
            backend: self.backend.to_string(),
            operation: "commission",
            reason,
            disposition: Disposition::Stop,
        }
    }

    /// Stores a credential, or sees that the one of that ID is the one that was meant.
    fn store(
        &self,
        lane: &Lane,
        access: Access,
        login: &Login,
        rights: Rights,
    ) -> Result<Outcome, Error> {
        if self.has(lane, access, login.key_id, rights)? {
            return Ok(Outcome::There);
        }
        let label = label(access);
        self.run(lane, "store credential", |client| {
            client.put_authentication_key(
                login.key_id,
                object::Label::from_bytes(label.as_bytes()).unwrap_or_default(),
                rights.domains,
                rights.capabilities,
                rights.delegated,
                authentication::Algorithm::YubicoAes,
                authentication::Key::derive_from_password(&login.password),
            )
        })?;
        Ok(Outcome::Done)
    }

    /// Whether the credential is there. One of other rights or of another name is refused.
    fn has(&self, lane: &Lane, access: Access, key_id: u16, rights: Rights) -> Result<bool, Error> {
        let Some(info) = self.look(lane, key_id)? else {
            return Ok(false);
        };
        let found = Rights {
            domains: info.domains,
            capabilities: info.capabilities,
            delegated: info.delegated_capabilities,
        };
        let same_label = info.label.try_as_str().is_ok_and(|it| it == label(access));
        if found == rights && same_label {
            return Ok(true);
        }
        Err(self.refuse(format!(
            "authentication key {key_id} is there with the label {} and other rights than {} needs; choose another ID or reset the device",
            info.label,
            rights::name(access),
        )))
    }

    fn look(&self, lane: &Lane, key_id: u16) -> Result<Option<object::Info>, Error> {
        let looked = lane.run(Who::Main, "look at credential", deadline(), |session| {
            session
                .client
                .get_object_info(key_id, Type::AuthenticationKey)
        });
        match looked {
            Ok(info) => Ok(Some(info)),
            Err(Fault::NotFound) => Ok(None),
            Err(fault) => Err(fault.plain(&self.backend, "look at credential")),
        }
    }

    /// Switches logging on, and last that a full log stops the device.
    fn audit(&self, lane: &Lane) -> Result<Outcome, Error> {
        let mut outcome = Outcome::There;
        let set = self.run(lane, "read audit options", |client| {
            client.get_commands_audit_options()
        })?;
        for (command, wanted) in audited::options() {
            let is = set
                .iter()
                .find(|it| it.command_type() == command)
                .map_or(AuditOption::Off, |it| it.audit_option());
            if !audited::suffices(is, wanted) {
                self.run(lane, "set audit option", |client| {
                    client.set_command_audit_option(command, wanted)
                })?;
                outcome = Outcome::Done;
            }
        }
        let force = self.run(lane, "read audit options", |client| {
            client.get_force_audit_option()
        })?;
        if !audited::suffices(force, AuditOption::On) {
            self.run(lane, "force audit", |client| {
                client.set_force_audit_option(AuditOption::On)
            })?;
            outcome = Outcome::Done;
        }
        Ok(outcome)
    }

    /// Whether logging is as [`Self::audit`] sets it.
    fn is_audited(&self, lane: &Lane) -> Result<bool, Error> {
        let set = self.run(lane, "read audit options", |client| {
            client.get_commands_audit_options()
        })?;
        let force = self.run(lane, "read audit options", |client| {
            client.get_force_audit_option()
        })?;
        let logged = audited::options().all(|(command, wanted)| {
            set.iter()
                .find(|it| it.command_type() == command)
                .is_some_and(|it| audited::suffices(it.audit_option(), wanted))
        });
        Ok(logged && audited::suffices(force, AuditOption::On))
    }

    /// The default credential does not open the device: either all is done, or it is another's.
    fn already(
        &self,
        default: &Login,
        plan: &CommissionPlan,
        refused: Error,
    ) -> Result<Commissioned, Error> {
        let ceremony = self.log_in(&plan.ceremony)?;
        let identity = match ceremony.identity(deadline()) {
            Ok(identity) => identity,
            Err(Fault::Other(Error::WrongCredential { .. })) => return Err(refused),
            Err(fault) => return Err(fault.plain(&self.backend, "commission")),
        };
        if self.look(&ceremony, default.key_id)?.is_some() {
            return Err(refused);
        }
        for (access, login) in plan.logins() {
            let rights = rights::of(access, plan.ocsp_signers);
            if !self.has(&ceremony, access, login.key_id, rights)? {
                return Err(self.refuse(format!(
                    "authentication key {} for {} is not there and can no more be made; reset the device",
                    login.key_id,
                    rights::name(access),
                )));
            }
            self.log_in(login)?
                .identity(deadline())
                .map_err(|fault| fault.plain(&self.backend, "try credential"))?;
        }
        if !self.is_audited(&ceremony)? {
            return Err(self.refuse(
                "it was set up otherwise: its audit options are not those of Kasane, and nobody can change them; reset the device".to_owned(),
            ));
        }
        Ok(Commissioned {
            identity,
            ceremony: Outcome::There,
            signing: Outcome::There,
            audit: Outcome::There,
            audit_options: Outcome::There,
            default_key: Outcome::There,
        })
    }
}

fn label(access: Access) -> String {
    format!("{LABEL_PREFIX}{}", rights::name(access))
}
