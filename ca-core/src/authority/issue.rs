//! A subscriber's certificate, from request to outcome.

use std::time::Duration;

use kasane_ledger_schema::{Closed, RecordClosed, SignatureAttempted};

use super::Authority;
use crate::fail_point::FailPoint;
use crate::pipeline::{Issued, Recorded, ToBeSigned};
use crate::projection::certificate::{self, CertificateKey, State};
use crate::projection::request_key;
use crate::registration::Identity;
use crate::request::EnrolmentRequest;
use crate::signing::{Refused, Signed, SigningError};
use crate::{Actor, Error, Requester};

/// Attempts at devices before a record is closed as failed: two for each of two devices.
const MAX_ATTEMPTS: u32 = 4;

/// Tries beyond the first that no device executed. A pool has waited and asked its other devices
/// before it says so.
const MAX_REFUSALS: u32 = 3;

/// Between a try and the next.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Most characters of a request key.
const MAX_REQUEST_KEY_CHARS: usize = 128;

/// What a requester asks for.
#[derive(Clone, Debug)]
pub struct IssueOrder {
    /// The profile's name.
    pub profile: String,
    /// Whom the certificate shall name.
    pub identity: Identity,
    /// The request, parsed, its key proven.
    pub request: EnrolmentRequest,
    /// Asking again under the same key gives the same certificate.
    pub request_key: Option<String>,
    /// The issuer and serial of the certificate to renew.
    pub renews: Option<CertificateKey>,
}

impl Authority {
    /// Issues a certificate, or returns the one that the same request key gave before.
    ///
    /// # Errors
    /// The error of the step that refused. Nothing is recorded unless the step was recording or a
    /// later one; then the record is closed and its serial burnt.
    pub fn issue(&self, requester: &Requester, order: IssueOrder) -> Result<Issued, Error> {
        self.ensure_running()?;
        self.ensure_time()?;
        let _held = match &order.request_key {
            Some(key) => {
                check_request_key(key)?;
                Some(
                    self.in_flight
                        .hold(format!("request/{}/{key}", requester.actor())),
                )
            }
            None => None,
        };
        if let Some(issued) = self.issued_before(requester, &order)? {
            return Ok(issued);
        }
        self.room.check()?;
        let actor = requester.actor().clone();
        let authorized = self.authorize(requester.clone(), order)?;
        self.fail_points.reached(FailPoint::Authorized);
        let linted = self.prepare(authorized)?.lint()?;
        let recorded = self.record_certificate(&actor, linted)?;
        self.fail_points.reached(FailPoint::Recorded);
        let signed = self.sign(&actor, recorded)?;
        self.fail_points.reached(FailPoint::Signed);
        let issued = signed.finish(&self.ledger, &actor, self.now())?;
        self.fail_points.reached(FailPoint::Finished);
        Ok(issued)
    }

    /// Reads a PKCS#10 request, DER or PEM: form, key quality and proof of possession.
    ///
    /// # Errors
    /// [`Error::Request`].
    pub fn read_request(&self, input: &[u8]) -> Result<EnrolmentRequest, Error> {
        Ok(EnrolmentRequest::parse(input, &self.weak_keys)?)
    }

    /// What the request key gave before; none when its record ended without a certificate.
    fn issued_before(
        &self,
        requester: &Requester,
        order: &IssueOrder,
    ) -> Result<Option<Issued>, Error> {
        let Some(key) = &order.request_key else {
            return Ok(None);
        };
        let Some(row) = request_key::find(self.tables(), requester.actor().as_str(), key)? else {
            return Ok(None);
        };
        let same = row.request_sha256 == order.request.sha256()
            && row.renews == order.renews.as_ref().map_or(&[][..], |key| &key.serial)
            && row.profile == order.profile
            && row.subject == order.identity.to_string();
        if !same {
            return Err(Error::RequestKeyReused {
                request_key: key.clone(),
            });
        }
        let Some(found) = certificate::find(self.tables(), &row.issuer, &row.serial)? else {
            return Ok(None);
        };
        match found.state {
            State::Issued => self.issued(
                CertificateKey {
                    issuer: row.issuer,
                    serial: row.serial,
                },
                &found,
            ),
            State::Recorded | State::Failed | State::Abandoned => Ok(None),
        }
    }

    /// Passes the door. After a try that no device executed the next one is free; a further attempt
    /// at a device is noted first. What cannot succeed closes the record.
    pub(super) fn sign<T: ToBeSigned>(
        &self,
        actor: &Actor,
        mut recorded: Recorded<T>,
    ) -> Result<Signed<T>, Error> {
        let record = recorded.index();
        let (mut attempt, mut refusals) = (1, 0);
        loop {
            let error = match self.door.sign(recorded) {
                Ok(signed) => return Ok(signed),
                Err(Refused {
                    recorded: unsigned,
                    error,
                }) => {
                    recorded = unsigned;
                    error
                }
            };
            if matches!(error, SigningError::SignatureWrong { .. }) {
                self.notary.tell_wrong_signatures()?;
            }
            let used_up = if error.was_attempted() {
                attempt >= MAX_ATTEMPTS
            } else {
                refusals >= MAX_REFUSALS
            };
            if used_up || !error.may_be_tried_again() {
                let reason = format!("{}: {error}", error.code());
                let closed = RecordClosed {
                    record,
                    outcome: Closed::Failed,
                    reason,
                };
                self.append(actor, closed.into())?;
                return Err(error.into());
            }
            let pause = pause_after(attempt + refusals, error.goes_elsewhere());
            tracing::warn!(
                ledger.record = record,
                attempt,
                code = error.code(),
                %error,
                "a signature is tried again"
            );
            if error.was_attempted() {
                attempt += 1;
                self.append(actor, SignatureAttempted { record, attempt }.into())?;
            } else {
                refusals += 1;
            }
            self.devices.pause.pause(pause);
        }
    }
}

/// How long to wait after the `tries`-th try: twice as long each time. The first step to another
/// device is made at once.
fn pause_after(tries: u32, elsewhere: bool) -> Duration {
    if elsewhere && tries == 1 {
        return Duration::ZERO;
    }
    FIRST_PAUSE
        .saturating_mul(1 << tries.saturating_sub(1).min(8))
        .min(LONGEST_PAUSE)
}

fn check_request_key(key: &str) -> Result<(), Error> {
    let fits = (1..=MAX_REQUEST_KEY_CHARS).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        Ok(())
    } else {
        Err(Error::BadRequestKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_second_and_another_device_is_asked_at_once() {
        let pauses: Vec<_> = (1..=7)
            .map(|tries| pause_after(tries, false).as_millis())
            .collect();
        assert_eq!(pauses, [50, 100, 200, 400, 800, 1000, 1000]);
        assert_eq!(pause_after(1, true), Duration::ZERO);
        assert_eq!(pause_after(2, true).as_millis(), 100);
    }
}
