//! Setting up a fresh device: three credentials with the least rights, forced audit, and the end of
//! the default credential.

mod already;
mod audited;
mod commissioned;
mod look;
mod place;
mod plan;
mod rights;
mod site;

use yubihsm::object::Type;

use self::site::{Site, deadline};
use super::fault::Fault;
use crate::Error;

pub use commissioned::{Commissioned, Outcome};
pub use look::SetUp;
pub use place::Place;
pub use plan::{CommissionPlan, Login};

/// Sets a device up, or goes on where it was interrupted. `default` is the authentication key that a
/// reset device has: 1 and its known password.
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
    place: &Place<'_>,
    default: &Login,
    plan: &CommissionPlan,
) -> Result<Commissioned, Error> {
    let site = Site::new(place);
    plan.check(site.backend(), default)?;
    let lane = site.log_in(default)?;
    let identity = match lane.identity(deadline()) {
        Ok(identity) => identity,
        Err(Fault::Other(error @ Error::WrongCredential { .. })) => {
            return site.already(default, plan, error);
        }
        Err(fault) => return Err(fault.plain(site.backend(), "commission")),
    };
    let mut stored = [Outcome::There; 3];
    for (outcome, (access, login)) in stored.iter_mut().zip(plan.logins()) {
        *outcome = site.store(&lane, access, login, rights::of(access, plan.ocsp_signers))?;
        site.log_in(login)?
            .identity(deadline())
            .map_err(|fault| fault.plain(site.backend(), "try credential"))?;
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
