//! What does not fit: found, raised, acknowledged.

use std::collections::BTreeSet;

use kasane_ledger_schema::{DeviceAlarmRaised, DeviceAlarmsAcknowledged};

use super::books::At;
use super::{Acknowledgement, Books, Finding, alarm};

/// Findings that are listed one by one. A device in wrong hands may give any number.
pub(super) const MAX_FINDINGS: usize = 4096;

impl Books {
    /// Whether nobody has acknowledged it yet. What is not listed one by one is open again when more
    /// has come since.
    #[must_use]
    pub fn is_open(&self, finding: &Finding) -> bool {
        finding.acknowledged.is_none()
            || finding.alarm == alarm::MORE
                && self
                    .device("")
                    .is_some_and(|general| general.not_listed > general.not_listed_acknowledged)
    }

    /// Lists what does not fit, as long as there is room.
    pub(super) fn find(&mut self, mut finding: Finding) {
        if self.findings.len() >= MAX_FINDINGS {
            let general = self.device_mut("");
            general.not_listed += 1;
            if general.not_listed > 1 {
                return;
            }
            finding.alarm = alarm::MORE.to_owned();
            finding.detail = format!("{MAX_FINDINGS} are listed; this and what follows is not");
            // What it stands for may have been raised; it was not.
            finding.raised = None;
        }
        let general = self.device_mut("");
        general.findings += 1;
        if finding.raised.is_none() {
            general.not_raised += 1;
        }
        self.changed.findings.insert(self.findings.len());
        self.findings.push(finding);
    }

    pub(super) fn raised(&mut self, at: At, body: &DeviceAlarmRaised) {
        if self.service_alarm(at, body) {
            return;
        }
        if self.device(&body.serial).is_some() {
            self.device_mut(&body.serial).told(body);
        }
        let found = self.findings.iter().position(|finding| {
            finding.raised.is_none()
                && finding.alarm == body.alarm
                && finding.serial == body.serial
                && finding.number == body.number
                && finding.detail == body.detail
        });
        match found {
            Some(position) => {
                self.findings[position].raised = Some(at.index);
                self.changed.findings.insert(position);
                let general = self.device_mut("");
                general.not_raised = general.not_raised.saturating_sub(1);
            }
            // Found by the service itself: a wrong signature, a foreign session.
            None => self.find(Finding {
                seen: at.index,
                time: at.time,
                device: body.device.clone(),
                serial: body.serial.clone(),
                alarm: body.alarm.clone(),
                detail: body.detail.clone(),
                number: body.number,
                raised: Some(at.index),
                acknowledged: None,
            }),
        }
    }

    /// The first acknowledgement of an alarm stands; that of what is not listed one by one is the
    /// last, because more may have come since.
    pub(super) fn acknowledged(&mut self, at: At, actor: &str, body: &DeviceAlarmsAcknowledged) {
        let alarms: BTreeSet<u64> = body.alarms.iter().copied().collect();
        let mut rest = false;
        for (position, finding) in self.findings.iter_mut().enumerate() {
            let meant = finding.raised.is_some_and(|it| alarms.contains(&it));
            let stands_for_more = finding.alarm == alarm::MORE;
            if !meant || finding.acknowledged.is_some() && !stands_for_more {
                continue;
            }
            rest |= stands_for_more;
            finding.acknowledged = Some(Acknowledgement {
                index: at.index,
                time: at.time,
                actor: actor.to_owned(),
                reason: body.reason.clone(),
            });
            self.changed.findings.insert(position);
        }
        if rest {
            let general = self.device_mut("");
            general.not_listed_acknowledged = general.not_listed;
        }
    }
}
