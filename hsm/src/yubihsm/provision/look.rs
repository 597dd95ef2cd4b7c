//! A look at a device's set-up.

use yubihsm::AuditOption;
use yubihsm::object::{self, Type};

use super::audited;
use super::site::deadline;
use crate::Error;
use crate::yubihsm::fault::Fault;
use crate::yubihsm::lane::{Lane, Who};

/// What a look at a device's set-up finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetUp {
    /// What uses or changes keys is logged, and nothing is executed while the log is full.
    pub audited: bool,
    /// The authentication key that a reset device has is still there.
    pub default_key: bool,
}

impl SetUp {
    /// Looks in the session of ceremonies, and changes nothing.
    pub(in crate::yubihsm) fn look(
        backend: &str,
        lane: &Lane,
        default_key_id: u16,
    ) -> Result<Self, Error> {
        Ok(Self {
            audited: is_audited(backend, lane)?,
            default_key: credential(backend, lane, default_key_id)?.is_some(),
        })
    }
}

/// Whether logging is as a commission sets it.
pub(super) fn is_audited(backend: &str, lane: &Lane) -> Result<bool, Error> {
    let set = run(backend, lane, "read audit options", |client| {
        client.get_commands_audit_options()
    })?;
    let force = run(backend, lane, "read audit options", |client| {
        client.get_force_audit_option()
    })?;
    let logged = audited::options().all(|(command, wanted)| {
        set.iter()
            .find(|it| it.command_type() == command)
            .is_some_and(|it| audited::suffices(it.audit_option(), wanted))
    });
    Ok(logged && audited::suffices(force, AuditOption::On))
}

/// An authentication key, if it is there.
pub(super) fn credential(
    backend: &str,
    lane: &Lane,
    key_id: u16,
) -> Result<Option<object::Info>, Error> {
    let looked = lane.run(Who::Main, "look at credential", deadline(), |session| {
        session
            .client
            .get_object_info(key_id, Type::AuthenticationKey)
    });
    match looked {
        Ok(info) => Ok(Some(info)),
        Err(Fault::NotFound) => Ok(None),
        Err(fault) => Err(fault.plain(backend, "look at credential")),
    }
}

/// A command on no key.
pub(super) fn run<T>(
    backend: &str,
    lane: &Lane,
    operation: &'static str,
    command: impl Fn(&yubihsm::Client) -> Result<T, yubihsm::client::Error>,
) -> Result<T, Error> {
    lane.run(Who::Main, operation, deadline(), |session| {
        command(session.client)
    })
    .map_err(|fault| fault.plain(backend, operation))
}
