//! A ceremony that follows a plan: instant and serial numbers come from it.

use std::sync::Arc;

use kasane_verify::UnixTime;

use super::Authority;
use crate::Error;
use crate::ceremony::Planned;
use crate::fail_point::FailPoint;
use crate::pipeline::ToBeSigned;

impl Authority {
    /// From here on, until `None`, what is signed for the authority itself follows a plan. The
    /// times of ledger entries stay the clock's.
    pub fn follow(&self, planned: Option<Arc<Planned>>) {
        *self.planned.write() = planned;
    }

    pub(crate) fn reached(&self, point: FailPoint) {
        self.fail_points.reached(point);
    }

    pub(crate) fn planned(&self) -> Option<Arc<Planned>> {
        self.planned.read().clone()
    }

    /// When what is signed now begins: the plan's instant, or the present.
    pub(super) fn signing_time(&self) -> UnixTime {
        let planned = self.planned();
        planned.map_or_else(|| self.now(), |planned| planned.instant())
    }

    /// Shows the plan what is about to be recorded.
    pub(super) fn admit<T: ToBeSigned>(&self, tbs: &T) -> Result<(), Error> {
        match self.planned() {
            Some(planned) => Ok(planned.admit(tbs)?),
            None => Ok(()),
        }
    }

    /// A step of a plan begins: for what a ceremony has signed by others, as a publisher of CRLs.
    pub fn enter_step(&self, step: &str) {
        if let Some(planned) = self.planned() {
            planned.enter(step);
        }
    }
}
