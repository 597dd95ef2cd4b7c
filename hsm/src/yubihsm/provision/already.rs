//! A device that was set up before.

use super::site::{Site, deadline};
use super::{CommissionPlan, Commissioned, Login, Outcome, look, rights};
use crate::Error;
use crate::yubihsm::fault::Fault;

impl Site<'_> {
    /// The default credential does not open the device: either all is done, or it is another's.
    pub(super) fn already(
        &self,
        default: &Login,
        plan: &CommissionPlan,
        refused: Error,
    ) -> Result<Commissioned, Error> {
        let ceremony = self.log_in(&plan.ceremony)?;
        let identity = match ceremony.identity(deadline()) {
            Ok(identity) => identity,
            Err(Fault::Other(Error::WrongCredential { .. })) => return Err(refused),
            Err(fault) => return Err(fault.plain(self.backend(), "commission")),
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
                .map_err(|fault| fault.plain(self.backend(), "try credential"))?;
        }
        if !look::is_audited(self.backend(), &ceremony)? {
            return Err(self.refuse(
                "its audit options are not Kasane's and nobody can change them; reset the device"
                    .to_owned(),
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
