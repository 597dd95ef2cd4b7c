//! A look at a device's set-up.

use yubihsm::AuditOption;

use super::site::Site;
use super::{Login, audited};
use crate::Error;
use crate::yubihsm::lane::Lane;

/// What a look at a device's set-up finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetUp {
    /// What uses or changes keys is logged, and nothing is executed while the log is full.
    pub audited: bool,
    /// The authentication key that a reset device has is still there.
    pub default_key: bool,
}

/// Looks with the credential of ceremonies, and changes nothing. `default_key_id` is the
/// authentication key that a reset device has: 1.
///
/// # Errors
/// [`Error::BadConfiguration`], [`Error::WrongCredential`], or a device error.
pub fn look(
    connector: &str,
    serial: Option<u32>,
    ceremony: &Login,
    default_key_id: u16,
) -> Result<SetUp, Error> {
    let site = Site::new(connector, serial);
    let lane = site.log_in(ceremony)?;
    Ok(SetUp {
        audited: site.is_audited(&lane)?,
        default_key: site.look(&lane, default_key_id)?.is_some(),
    })
}

impl Site<'_> {
    /// Whether logging is as a commission sets it.
    pub(super) fn is_audited(&self, lane: &Lane) -> Result<bool, Error> {
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
}
