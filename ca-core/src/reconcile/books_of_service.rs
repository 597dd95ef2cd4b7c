//! The part of the account that says whether devices may serve.

use kasane_hsm::RecordedQuarantine;
use kasane_ledger_schema::{DeviceActionNoted, DeviceAlarmRaised};

use super::books::At;
use super::{Books, Told, alarm};

impl Books {
    /// Devices that were quarantined and not enabled since, by serial number.
    #[must_use]
    pub fn quarantined(&self) -> Vec<RecordedQuarantine> {
        let accounts = self.accounts();
        let of_account = accounts.flat_map(|account| {
            let names = account.quarantined.iter();
            names.map(|(device, reason)| RecordedQuarantine {
                device: device.clone(),
                serial: account.serial.clone(),
                reason: reason.clone(),
            })
        });
        of_account.collect()
    }

    /// What an alarm says of a device's service. True if it says nothing else.
    pub(super) fn service_alarm(&mut self, at: At, body: &DeviceAlarmRaised) -> bool {
        let kind = body.alarm.as_str();
        let of_service = alarm::OF_SERVICE.contains(&kind);
        if body.device.is_empty() {
            return of_service;
        }
        if alarm::QUARANTINES.contains(&kind) {
            let device = self.device_mut(&body.serial);
            let (name, detail) = (body.device.clone(), body.detail.clone());
            device.quarantined.entry(name).or_insert(detail);
        }
        if alarm::is_of_pool(kind) {
            let device = self.device_mut(&body.serial);
            if !body.serial.is_empty() {
                device.name.clone_from(&body.device);
            }
            let told = Told {
                detail: body.detail.clone(),
                time: at.time,
            };
            device.told.insert(kind.to_owned(), told);
        }
        of_service
    }

    /// People let a device sign again. One that does not say its serial number is known by its name.
    pub(super) fn enabled(&mut self, body: &DeviceActionNoted) {
        let (name, serial) = (&body.device, &body.serial);
        let meant = self.accounts().filter(|account| {
            if serial.is_empty() || account.serial.is_empty() {
                account.quarantined.contains_key(name) || account.name == *name
            } else {
                account.serial == *serial
            }
        });
        let serials: Vec<String> = meant.map(|account| account.serial.clone()).collect();
        for of in serials {
            let account = self.device_mut(&of);
            if of.is_empty() || serial.is_empty() {
                account.quarantined.remove(name);
            } else {
                account.quarantined.clear();
            }
            account.told.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconcile::tests::entry;
    use kasane_ledger_schema::Event;

    /// What the entries say, in their order.
    fn books(events: Vec<Event>) -> Books {
        let mut books = Books::default();
        for (index, event) in (0_u64..).zip(events) {
            books.apply(index, &entry(1_000, &event), None);
        }
        books
    }

    fn raised(device: &str, serial: &str, alarm: &str) -> Event {
        Event::DeviceAlarmRaised(DeviceAlarmRaised {
            device: device.to_owned(),
            serial: serial.to_owned(),
            alarm: alarm.to_owned(),
            detail: format!("{alarm} was seen"),
            number: None,
        })
    }

    fn enabled(device: &str, serial: &str) -> Event {
        Event::DeviceActionNoted(DeviceActionNoted {
            device: device.to_owned(),
            serial: serial.to_owned(),
            action: super::super::ENABLE.to_owned(),
            subject: String::new(),
            detail: String::new(),
        })
    }

    fn quarantined(books: &Books) -> Vec<(String, String)> {
        let found = books.quarantined().into_iter();
        found.map(|it| (it.device, it.serial)).collect()
    }

    fn of(device: &str, serial: &str) -> (String, String) {
        (device.to_owned(), serial.to_owned())
    }

    #[test]
    fn what_signed_wrongly_is_quarantined_until_that_very_device_is_enabled() {
        for kind in alarm::QUARANTINES {
            let mut entries = vec![raised("a", "1", kind), enabled("b", "2")];
            assert_eq!(quarantined(&books(entries.clone())), [of("a", "1")]);
            // Another device under the same name.
            entries.push(enabled("a", "3"));
            assert_eq!(quarantined(&books(entries.clone())), [of("a", "1")]);
            // The same one under another name.
            entries.push(enabled("c", "1"));
            assert_eq!(quarantined(&books(entries.clone())), []);
            entries.push(raised("a", "1", kind));
            assert_eq!(quarantined(&books(entries)), [of("a", "1")]);
        }
    }

    #[test]
    fn device_without_a_serial_number_is_known_by_its_name() {
        let wrong = |device: &str| raised(device, "", alarm::WRONG_SIGNATURE);
        let mut entries = vec![wrong("a"), wrong("b")];
        assert_eq!(
            quarantined(&books(entries.clone())),
            [of("a", ""), of("b", "")]
        );
        entries.push(enabled("a", "1"));
        assert_eq!(quarantined(&books(entries.clone())), [of("b", "")]);
        // A device that does not answer: whichever had the name.
        entries.push(raised("b", "2", alarm::WRONG_KEY));
        entries.push(enabled("b", ""));
        assert_eq!(quarantined(&books(entries)), []);
    }

    #[test]
    fn what_people_repair_is_no_finding_and_quarantines_nothing() {
        let entries = alarm::OF_SERVICE.map(|kind| raised("a", "1", kind));
        let account = books(entries.to_vec());
        assert!(account.findings().is_empty());
        assert!(account.quarantined().is_empty());
        let told = &account.device("1").unwrap().told;
        assert_eq!(told.len(), alarm::OF_SERVICE.len());
        let mut entries = entries.to_vec();
        entries.push(enabled("a", "1"));
        assert!(books(entries).device("1").unwrap().told.is_empty());
        for kind in [alarm::WRONG_KEY, alarm::KEY_DIFFERS, alarm::WRONG_SIGNATURE] {
            assert_eq!(
                books(vec![raised("a", "1", kind)]).findings().len(),
                1,
                "{kind}"
            );
        }
    }
}
