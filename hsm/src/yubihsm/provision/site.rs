//! The device that is set up.

use std::sync::Arc;
use std::time::Instant;

use yubihsm::object;
use yubihsm::{AuditOption, authentication};

use super::rights::{self, Rights};
use super::{Login, Outcome, Place, audited, look};
use crate::config::Access;
use crate::yubihsm::channel::Channel;
use crate::yubihsm::core::COMMAND;
use crate::yubihsm::lane::Lane;
use crate::yubihsm::link::Link;
use crate::{Disposition, Error};

/// Label of an authentication key of ours: `kasane-signing`.
const LABEL_PREFIX: &str = "kasane-";

/// Until when a single command may take.
pub(super) fn deadline() -> Instant {
    Instant::now() + COMMAND
}

/// The device that is set up.
pub(super) struct Site<'a> {
    backend: Arc<str>,
    place: &'a Place<'a>,
}

impl<'a> Site<'a> {
    pub(super) fn new(place: &'a Place<'a>) -> Self {
        Self {
            backend: format!("YubiHSM at {}", place.connector).into(),
            place,
        }
    }

    /// For errors.
    pub(super) fn backend(&self) -> &str {
        &self.backend
    }

    /// A lane with that credential. It opens its session with the first command.
    pub(super) fn log_in(&self, login: &Login) -> Result<Lane, Error> {
        let Place {
            connector,
            serial,
            simulator,
        } = *self.place;
        let link = Link::new(connector, serial).map_err(|reason| Error::BadConfiguration {
            backend: self.backend.to_string(),
            reason,
        })?;
        let channel = Channel::new(login.key_id, login.password.clone(), None);
        Ok(Lane::new(
            Arc::clone(&self.backend),
            serial,
            simulator,
            link,
            channel,
            None,
        ))
    }

    pub(super) fn run<T>(
        &self,
        lane: &Lane,
        operation: &'static str,
        command: impl Fn(&yubihsm::Client) -> Result<T, yubihsm::client::Error>,
    ) -> Result<T, Error> {
        look::run(&self.backend, lane, operation, command)
    }

    pub(super) fn refuse(&self, reason: String) -> Error {
        Error::Device {
            backend: self.backend.to_string(),
            operation: "commission",
            reason,
            disposition: Disposition::Stop,
        }
    }

    /// Stores a credential, or sees that the one of that ID is the one that was meant.
    pub(super) fn store(
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
    pub(super) fn has(
        &self,
        lane: &Lane,
        access: Access,
        key_id: u16,
        rights: Rights,
    ) -> Result<bool, Error> {
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
            "authentication key {key_id} ({}) has other rights than {} needs; choose another ID or reset the device",
            info.label,
            rights::name(access),
        )))
    }

    pub(super) fn look(&self, lane: &Lane, key_id: u16) -> Result<Option<object::Info>, Error> {
        look::credential(&self.backend, lane, key_id)
    }

    /// Switches logging on, and last that a full log stops the device.
    pub(super) fn audit(&self, lane: &Lane) -> Result<Outcome, Error> {
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
}

fn label(access: Access) -> String {
    format!("{LABEL_PREFIX}{}", rights::name(access))
}
