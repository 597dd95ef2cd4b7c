//! Edge responders: who they are, and the signers that they are given.

use std::collections::HashSet;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use der::asn1::OctetString;
use kasane_hsm::KeyLabel;
use kasane_ledger_schema::{
    Event, ResponderEnrolled, ResponderRemoved, ResponderSignaturesCounted,
    ResponderSignerActivated,
};
use kasane_verify::revocation::RevocationReason;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::ocsp_signer::SubjectKey;
use super::{Authority, RevocationOrder};
use crate::fail_point::FailPoint;
use crate::pipeline::{Issued, subject_key_id};
use crate::projection::certificate::{self, CertificateKey, State};
use crate::projection::responder::{self, ResponderRow};
use crate::registration::Identifier;
use crate::request::EnrolmentRequest;
use crate::signing::SigningError;
use crate::{Actor, Error, Requester};

/// Octets of a token: 256 bits, so its plain digest tells nothing.
const TOKEN_BYTES: usize = 32;

/// Signers of one issuer at one edge responder whose certificates have not expired: two while one
/// follows the other, and some that a crash made twice.
const MAX_SIGNERS: usize = 8;

/// Most signatures of one key that an edge responder may tell at once: 280,000 a second through the 45
/// days of its certificate. More is no count, and would spoil the sum for good.
const MAX_COUNT: u64 = 1 << 40;

/// Longest address of an edge responder.
const MAX_URL_BYTES: usize = 200;

/// A signer that an edge responder asks for.
#[derive(Clone, Copy, Debug)]
pub struct ResponderSignerOrder<'a> {
    /// The issuer it will answer for.
    pub issuer: &'a str,
    /// The label of its key, there.
    pub key_label: &'a str,
    /// Seconds from thisUpdate to nextUpdate of its responses.
    pub window_seconds: i64,
    /// PKCS#10 request, which proves that the key is there.
    pub request: &'a [u8],
}

/// What the ledger keeps of a token.
#[must_use]
pub fn responder_token_sha256(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Authority {
    /// Enrols an edge responder, or gives one that is enrolled a new token: the one before ends. Returns
    /// the token, which is kept nowhere here.
    ///
    /// # Errors
    /// [`Error::Registration`] or [`Error::BadArgument`] for a name or address that does not fit.
    pub fn enrol_responder(
        &self,
        actor: &Actor,
        name: &str,
        url: &str,
    ) -> Result<Zeroizing<String>, Error> {
        self.ensure_running()?;
        let name: Identifier = name.parse()?;
        let is_url = url.is_empty()
            || url.len() <= MAX_URL_BYTES
                && url.strip_prefix("http://").is_some_and(|rest| {
                    !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic())
                });
        if !is_url {
            return Err(Error::BadArgument {
                what: "address",
                reason: "write where relying systems ask, like http://ocsp-2.kasane.example".into(),
            });
        }
        let mut octets = Zeroizing::new([0; TOKEN_BYTES]);
        self.random.fill(&mut octets[..])?;
        let token = Zeroizing::new(hex::encode(&octets[..]));
        let enrolled = ResponderEnrolled {
            name: name.as_str().to_owned(),
            url: url.to_owned(),
            token_sha256: OctetString::new(responder_token_sha256(&token))?,
        };
        self.append(actor, enrolled.into())?;
        Ok(token)
    }

    /// Ends an edge responder: its token is worth nothing from here on, its signers are revoked. Returns
    /// which, so that CRLs can name them.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none of that name, or it was removed with all its signers.
    pub fn remove_responder(
        &self,
        actor: &Actor,
        name: &str,
        reason: &str,
    ) -> Result<Vec<CertificateKey>, Error> {
        // No signer is certified meanwhile.
        let _held = self.in_flight.hold(format!("responder/{name}"));
        let row = responder::find(self.tables(), name)?.ok_or_else(|| unknown(name))?;
        if row.removed.is_some() && self.live_signers(name, None)?.is_empty() {
            return Err(unknown(name));
        }
        if reason.trim().is_empty() || reason.len() > 500 {
            return Err(Error::BadArgument {
                what: "reason",
                reason: "say in 1 to 500 bytes why it has to go".into(),
            });
        }
        // Removed before, and interrupted: what is left is revoked now.
        if row.removed.is_none() {
            let removed = ResponderRemoved {
                name: name.to_owned(),
                reason: reason.trim().to_owned(),
            };
            self.append(actor, removed.into())?;
            self.fail_points.reached(FailPoint::ResponderRemoved);
        }
        let mut revoked = Vec::new();
        for key in self.live_signers(name, None)? {
            let order = RevocationOrder {
                issuer: &key.issuer,
                serial: &key.serial,
                reason: Some(RevocationReason::CessationOfOperation),
                invalidity_date: None,
            };
            match self.revoke(actor, &order) {
                Ok(_) => revoked.push(key),
                Err(Error::AlreadyRevoked { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(revoked)
    }

    /// Every edge responder, removed ones too, by name.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn responders(&self) -> Result<Vec<ResponderRow>, Error> {
        Ok(responder::all(self.tables())?)
    }

    /// The edge responder of that name, if the token is its own: removed ones too, which are told so.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn responder_by_token(
        &self,
        name: &str,
        token: &str,
    ) -> Result<Option<ResponderRow>, Error> {
        let given = responder_token_sha256(token);
        Ok(responder::find(self.tables(), name)?
            .filter(|row| verify_slices_are_equal(&row.token_sha256, &given).is_ok()))
    }

    /// Makes the certificate of a signer whose key is at an edge responder.
    ///
    /// # Errors
    /// [`Error::Request`] or [`Error::Key`] for a request that is not acceptable;
    /// [`Error::KeyNotOfProfile`] when its key is not of the issuer's kind; [`Error::BadArgument`]
    /// when there are too many already; the error of the step that refused.
    pub fn issue_responder_signer(
        &self,
        responder: &str,
        order: &ResponderSignerOrder<'_>,
    ) -> Result<Issued, Error> {
        let _held = self.in_flight.hold(format!("responder/{responder}"));
        responder::find(self.tables(), responder)?
            .filter(|row| row.removed.is_none())
            .ok_or_else(|| unknown(responder))?;
        let label = KeyLabel::new(order.key_label).map_err(SigningError::from)?;
        let window_seconds = order.window_seconds;
        if !(3_600..=7 * 86_400).contains(&window_seconds) {
            return Err(Error::BadArgument {
                what: "window of responses",
                reason: format!("{window_seconds} seconds are not between an hour and a week"),
            });
        }
        let issuer = self.issuer(order.issuer)?;
        if issuer.is_root() {
            return Err(Error::BadArgument {
                what: "issuer",
                reason: format!(
                    "{} is a root: OCSP says nothing of its certificates",
                    order.issuer
                ),
            });
        }
        let request = EnrolmentRequest::parse(order.request, &self.weak_keys)?;
        let key = request.key();
        // A relying system that can verify the certificate can verify its status.
        let expected = issuer.signer.key_algorithm;
        if key.algorithm() != expected {
            return Err(Error::KeyNotOfProfile {
                profile: format!("OCSP signer of {}", order.issuer),
                allowed: expected.to_string(),
                found: key.algorithm().to_string(),
            });
        }
        if self.live_signers(responder, Some(order.issuer))?.len() >= MAX_SIGNERS {
            return Err(Error::BadArgument {
                what: "order",
                reason: format!(
                    "{responder} has {MAX_SIGNERS} signers of {} already: something orders \
                     again and again; revoke those that are not used",
                    order.issuer
                ),
            });
        }
        let subject_key = SubjectKey {
            algorithm: key.algorithm(),
            ski: subject_key_id(key.subject_public_key()),
            spki: key.spki_der().to_vec(),
        };
        let requester = Requester::responder(responder);
        let issued = self.certify_ocsp_signer(&requester, order.issuer, subject_key)?;
        let activated = ResponderSignerActivated {
            responder: responder.to_owned(),
            issuer: order.issuer.to_owned(),
            key_label: label.to_string(),
            record: issued.record,
            window_seconds,
        };
        self.append(requester.actor(), activated.into())?;
        Ok(issued)
    }

    /// Notes how many responses an edge responder says that its keys signed since it last said so: one
    /// entry for each key. Nobody can check the number; it is the edge's word, for those who watch how
    /// much a key is used.
    ///
    /// # Errors
    /// [`Error::BadArgument`] for a key that it never had or that is named twice, and for a number that
    /// no key reaches; [`Error::Ledger`].
    pub fn count_responder_signatures(
        &self,
        responder: &str,
        counts: &[(String, u64)],
    ) -> Result<(), Error> {
        let known = responder::signers(self.tables(), responder)?;
        let known: HashSet<_> = known.iter().map(|row| row.key_label.as_str()).collect();
        let mut told = HashSet::new();
        let mut events: Vec<Event> = Vec::new();
        for (key_label, count) in counts.iter().filter(|(_, count)| *count > 0) {
            let bad = |what, reason| Err(Error::BadArgument { what, reason });
            if !known.contains(key_label.as_str()) {
                let reason = format!("{responder} has no signer with the key {key_label:?}");
                return bad("key label", reason);
            }
            if !told.insert(key_label) {
                let reason = format!("{key_label:?} is named twice: give each key one number");
                return bad("key label", reason);
            }
            if *count > MAX_COUNT {
                let reason =
                    format!("{count} signatures of {key_label:?} are more than it can make");
                return bad("number of signatures", reason);
            }
            events.push(
                ResponderSignaturesCounted {
                    responder: responder.to_owned(),
                    key_label: key_label.clone(),
                    count: *count,
                }
                .into(),
            );
        }
        if events.is_empty() {
            return Ok(());
        }
        self.append_all(&Actor::responder(responder), events)?;
        Ok(())
    }

    /// The signers of an edge responder whose certificates stand and have not expired.
    fn live_signers(
        &self,
        responder: &str,
        issuer: Option<&str>,
    ) -> Result<Vec<CertificateKey>, Error> {
        let now = self.now();
        let mut live = Vec::new();
        for row in responder::signers(self.tables(), responder)? {
            if issuer.is_some_and(|name| name != row.issuer) {
                continue;
            }
            let recorded = self.recorded(row.record)?;
            let serial = recorded.serial.as_bytes().to_vec();
            let found = certificate::find(self.tables(), &row.issuer, &serial)?;
            if found.is_some_and(|found| found.state == State::Issued && found.is_live(now)) {
                let issuer = row.issuer;
                live.push(CertificateKey { issuer, serial });
            }
        }
        Ok(live)
    }
}

fn unknown(name: &str) -> Error {
    Error::NotFound {
        kind: "responder",
        name: name.to_owned(),
        hint: ": 'kasane responder list' shows those that are enrolled",
    }
}
