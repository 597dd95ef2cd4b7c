//! Alarms about devices: raised once, acknowledged by people.

use std::collections::BTreeSet;

use kasane_ledger_schema::{DeviceAlarmRaised, DeviceAlarmsAcknowledged, Event};

use super::Authority;
use super::reason::check_reason;
use crate::projection::{books, meta};
use crate::reconcile::{Finding, alarm, report};
use crate::{Actor, Error};

/// Alarms of one append, and foreign session keys that one run tells of.
const ALARMS_AT_ONCE: usize = 256;

/// Alarms that one entry acknowledges: far below what an entry may be long.
const MAX_ACKNOWLEDGED_AT_ONCE: usize = 1024;

/// What came of acknowledging alarms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcknowledgedAlarms {
    /// The ledger index of the entry that says so; none if nothing was left to acknowledge.
    pub entry: Option<u64>,
    /// The alarms that are acknowledged by it, by the ledger index of their `DeviceAlarmRaised`.
    pub alarms: Vec<u64>,
    /// Those that were acknowledged before.
    pub before: Vec<u64>,
    /// Alarms that are open still.
    pub open: usize,
}

impl Authority {
    /// Notes that somebody has looked at alarms, which are named by the ledger index of their
    /// `DeviceAlarmRaised`. All of them, or none. Those that were acknowledged before stay as they
    /// are; the index of `more-findings` stands for all that is not listed one by one.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a number that is no alarm; [`Error::BadArgument`] for no numbers, too
    /// many, or a reason that is none; [`Error::Ledger`] or [`Error::Store`].
    pub fn acknowledge_alarms(
        &self,
        actor: &Actor,
        alarms: &[u64],
        reason: &str,
    ) -> Result<AcknowledgedAlarms, Error> {
        check_reason(reason, "what was found and why nothing is left to be done")?;
        let alarms: BTreeSet<u64> = alarms.iter().copied().collect();
        if alarms.is_empty() || alarms.len() > MAX_ACKNOWLEDGED_AT_ONCE {
            return Err(Error::BadArgument {
                what: "alarms",
                reason: format!(
                    "{} numbers; name 1 to {MAX_ACKNOWLEDGED_AT_ONCE} at once",
                    alarms.len()
                ),
            });
        }
        // Nobody acknowledges or raises meanwhile.
        let _one = self.raising.lock();
        let books = self.books()?;
        let (mut open, mut before) = (Vec::new(), Vec::new());
        for alarm in alarms {
            let mut findings = books.findings().iter();
            match findings.find(|it| it.raised == Some(alarm)) {
                Some(finding) if books.is_open(finding) => open.push(alarm),
                Some(_) => before.push(alarm),
                None => return Err(self.no_such_alarm(alarm)),
            }
        }
        let entry = if open.is_empty() {
            None
        } else {
            let body = DeviceAlarmsAcknowledged {
                alarms: open.clone(),
                reason: reason.to_owned(),
            };
            Some(self.append(actor, body.into())?)
        };
        Ok(AcknowledgedAlarms {
            entry,
            alarms: open,
            before,
            open: self.reconcile_report()?.open_alarms,
        })
    }

    fn no_such_alarm(&self, alarm: u64) -> Error {
        let not_listed = self
            .entry(alarm)
            .is_ok_and(|entry| matches!(entry.event, Event::DeviceAlarmRaised(_)));
        Error::NotFound {
            kind: "alarm",
            name: alarm.to_string(),
            hint: if not_listed {
                ": it is beyond those that are listed one by one; acknowledge 'more-findings', \
                 which stands for it"
            } else {
                ": 'kasane hsm reconcile' lists the alarms with their numbers"
            },
        }
    }

    /// Raises each finding that was not raised yet.
    pub(super) fn raise_findings(&self) -> Result<(), Error> {
        let _one = self.raising.lock();
        let found = books::not_raised(self.tables())?;
        self.raise(found.iter().map(raised).collect())
    }

    /// Raises what was signed in sessions of authentication keys that are not ours: all of a key
    /// together, once. Which keys are ours is configuration, so the ledger alone does not tell.
    pub(super) fn raise_foreign_sessions(&self) -> Result<(), Error> {
        // What is told is all that there is: no page of a log comes in between.
        let _pages = self.device_logs.lock();
        let _one = self.raising.lock();
        let size = meta::progress(self.tables())?.next_index;
        let report = report(&self.books()?, size, &self.devices.context);
        let foreign = report.alarms.into_iter().filter(|found| {
            found.alarm == alarm::SIGNATURE_BY_FOREIGN_SESSION && found.seen.is_none()
        });
        let alarms = foreign.take(ALARMS_AT_ONCE).map(|it| DeviceAlarmRaised {
            device: it.device,
            serial: it.serial,
            alarm: it.alarm,
            detail: it.detail,
            number: it.number,
        });
        self.raise(alarms.collect())
    }

    /// Tells alarms in the log and writes them to the ledger. The caller holds `raising`.
    fn raise(&self, alarms: Vec<DeviceAlarmRaised>) -> Result<(), Error> {
        for some in alarms.chunks(ALARMS_AT_ONCE) {
            for it in some {
                tracing::error!(
                    device.name = it.device,
                    device.serial = it.serial,
                    device.command = it.number,
                    alarm = it.alarm,
                    detail = it.detail,
                    "what a device did does not fit the ledger"
                );
            }
            let events = some.iter().cloned().map(Event::from);
            self.append_all(&Actor::system(), events.collect())?;
        }
        Ok(())
    }
}

fn raised(finding: &Finding) -> DeviceAlarmRaised {
    DeviceAlarmRaised {
        device: finding.device.clone(),
        serial: finding.serial.clone(),
        alarm: finding.alarm.clone(),
        detail: finding.detail.clone(),
        number: finding.number,
    }
}
