//! How a device leaves service, and the alarms that people have not heard yet.

use std::collections::VecDeque;

use super::state::State;
use super::{Alarm, QuarantineCause};

/// Most alarms that wait for a hook; beyond it the oldest go.
const MAX_ALARMS: usize = 256;

impl State {
    pub(super) fn rests(&mut self, index: usize, reason: String) {
        let device = self.entries[index].name.clone();
        self.entries[index].forget_device();
        self.alarm(Alarm::Resting { device, reason });
    }

    pub(super) fn disable(&mut self, index: usize, reason: String) {
        let entry = &mut self.entries[index];
        if entry.health.disable(reason.clone()) {
            let device = entry.name.clone();
            self.alarm(Alarm::Disabled { device, reason });
            self.left_service();
        }
    }

    pub(super) fn quarantine(&mut self, index: usize, cause: QuarantineCause, reason: String) {
        let entry = &mut self.entries[index];
        if entry.health.quarantine(reason.clone()) {
            let device = entry.name.clone();
            self.alarm(Alarm::Quarantined {
                device,
                cause,
                reason,
            });
            self.left_service();
        }
    }

    pub(super) const fn left_service(&mut self) {
        self.look_for_hopeless = true;
        self.timers_changed = true;
    }

    pub(super) fn alarm(&mut self, alarm: Alarm) {
        alarm.trace();
        if self.alarms.len() >= MAX_ALARMS {
            self.alarms.pop_front();
        }
        self.alarms.push_back(alarm);
    }

    pub(super) fn take_alarms(&mut self) -> VecDeque<Alarm> {
        std::mem::take(&mut self.alarms)
    }

    pub(super) fn has_alarms(&self) -> bool {
        !self.alarms.is_empty()
    }
}
