//! What is done to devices stands in the ledger before it is done.

use kasane_ca_core::Authority;
use kasane_ca_core::authority::DeviceAction;
use kasane_hsm::Device;
use kasane_web::control::Problem;

use super::problem;
use crate::session::requester;

/// Notes that something other than signing is about to be done with a device.
pub(crate) fn note(
    authority: &Authority,
    device: &dyn Device,
    action: &str,
    subject: &str,
    detail: &str,
) -> Result<(), Problem> {
    let identity = device.identity().map_err(problem)?;
    authority.note_device_action(
        requester().actor(),
        &DeviceAction {
            device: device.name().as_str(),
            serial: &identity.serial,
            action,
            subject,
            detail,
        },
    )?;
    Ok(())
}
