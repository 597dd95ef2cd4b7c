//! A subscriber's certificate, from request to outcome.

use std::sync::Arc;

use kasane_ledger_schema::{Closed, RecordClosed, SignatureAttempted};
use kasane_verify::policy::{Act, Circumstances, Class, IssuanceQuestion, Verdict};
use kasane_verify::{KeyAlgorithm, KeyFamily, UnixTime};

use super::Authority;
use crate::fail_point::FailPoint;
use crate::issuer::Issuer;
use crate::pipeline::{
    Authorized, CertificatePlan, CertificateTbs, Issued, Recorded, RequestIdentity, ToBeSigned,
    new_serial, subject_key_id,
};
use crate::profile::{KnownExtension, NotAfterQuestion, Profile, ProfileKind, SubjectForm};
use crate::projection::certificate::{self, CertificateKey, State};
use crate::projection::{registration, request_key};
use crate::registration::{DnsName, Holder, Identity, Wildcard};
use crate::request::EnrolmentRequest;
use crate::signing::{Refused, Signed};
use crate::{Actor, Error, Requester};

/// Attempts at a device before a record is closed as failed.
const MAX_ATTEMPTS: u32 = 3;

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
        let actor = requester.actor().clone();
        let authorized = self.authorize(requester.clone(), order)?;
        self.fail_points.reached(FailPoint::Authorized);
        let linted = self.prepare(authorized)?.lint()?;
        let recorded = linted.record(&self.ledger, &actor, self.now())?;
        self.fail_points.reached(FailPoint::Recorded);
        let signed = self.sign(&actor, recorded)?;
        self.fail_points.reached(FailPoint::Signed);
        let issued = signed.finish(&self.ledger, &actor, self.now())?;
        self.fail_points.reached(FailPoint::Finished);
        Ok(issued)
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

    fn authorize(&self, requester: Requester, order: IssueOrder) -> Result<Authorized<'_>, Error> {
        let profile = self.subscriber_profile(&order.profile)?;
        let (identity, ecc_incapable) = self.registered(profile, &order.identity)?;
        let request = order.request;
        request.check_subject(&identity.subject)?;
        request.check_extensions(&identity.subject_alt_names, |oid| {
            profile.ignored_csr_extensions().matches(*oid)
        })?;
        let key = request.key().clone();
        if !profile.key_algorithms().contains(&key.algorithm()) {
            return Err(Error::KeyNotOfProfile {
                profile: profile.name().to_owned(),
                allowed: list(profile.key_algorithms()),
                found: key.algorithm().to_string(),
            });
        }
        let renews = order
            .renews
            .map(|renewed| self.renewable(renewed, &identity))
            .transpose()?;
        // A renewal is what follows a certificate of the same family; policy may allow one and not
        // the other.
        let act = if renews.is_some() {
            Act::Renew
        } else {
            Act::IssueNew
        };
        Ok(Authorized {
            requester,
            profile,
            identity,
            key,
            act,
            circumstances: Circumstances {
                ecc_incapable,
                break_glass: None,
            },
            request_key: order.request_key,
            request_sha256: request.sha256(),
            renews,
        })
    }

    fn subscriber_profile(&self, name: &str) -> Result<&Profile, Error> {
        let profile = self.profile(name)?;
        if profile.kind() != ProfileKind::EndEntity {
            return Err(Error::ProfileNotForSubject {
                profile: name.to_owned(),
                subject: "a subscriber".into(),
                reason: "it belongs to the authority; ceremonies use it",
            });
        }
        Ok(profile)
    }

    /// The profile of that name.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn profile(&self, name: &str) -> Result<&Profile, Error> {
        self.profiles.get(name).ok_or_else(|| Error::NotFound {
            kind: "profile",
            name: name.to_owned(),
            hint: ": see policy/profiles",
        })
    }

    /// The identity as registered, and whether it is recorded as incapable of ECC.
    fn registered(
        &self,
        profile: &Profile,
        identity: &Identity,
    ) -> Result<(RequestIdentity, bool), Error> {
        let refuse = |reason| Error::ProfileNotForSubject {
            profile: profile.name().to_owned(),
            subject: identity.to_string(),
            reason,
        };
        let mut dns_names = Vec::new();
        let mut ecc_incapable = false;
        match (&identity.holder, profile.subject_form()) {
            (Holder::Facility(code), SubjectForm::Facility) => {
                self.require_terminal(code, identity.number)?;
                let number = identity.number.value().into();
                ecc_incapable = registration::terminal(self.tables(), code.as_str(), number)?
                    .is_some_and(|row| !row.ecc_capable);
            }
            (Holder::System(name), SubjectForm::System) => {
                let system =
                    registration::system(self.tables(), name.as_str())?.ok_or_else(|| {
                        Error::NotFound {
                            kind: "system",
                            name: name.to_string(),
                            hint: ": register it with 'kasane system add'",
                        }
                    })?;
                match profile.class() {
                    Class::Server if !system.server => {
                        return Err(refuse("the system is not registered as a server"));
                    }
                    Class::Server => {
                        for name in &system.dns_names {
                            dns_names.push(DnsName::parse(name, Wildcard::Allow)?);
                        }
                    }
                    _ if !system.client => {
                        return Err(refuse("the system is not registered as a client"));
                    }
                    _ => {}
                }
            }
            (Holder::Operator(name), SubjectForm::Operator) => {
                registration::operator(self.tables(), name.as_str())?.ok_or_else(|| {
                    Error::NotFound {
                        kind: "operator",
                        name: name.to_string(),
                        hint: ": register it with 'kasane operator add'",
                    }
                })?;
            }
            _ => return Err(refuse("the profile is for another kind of subject")),
        }
        let naming = &self.configuration.naming;
        let names = RequestIdentity {
            subject_ref: identity.to_string(),
            subject: naming.subject(identity, profile.organizational_unit())?,
            subject_alt_names: naming.subject_alt_names(identity, &dns_names)?,
        };
        Ok((names, ecc_incapable))
    }

    /// Algorithm, validity and cap at the present: everything that the certificate will say.
    fn prepare(&self, authorized: Authorized<'_>) -> Result<CertificateTbs, Error> {
        let Authorized {
            profile,
            identity,
            key,
            ..
        } = &authorized;
        let issuer = self.issuer_for(profile, key.algorithm())?;
        let now = self.now();
        let (not_after, not_after_cap) = self.not_after(
            profile,
            key.algorithm(),
            &issuer,
            authorized.act,
            &authorized.circumstances,
            now,
        )?;
        let serial = self.unused_serial(issuer.name())?;
        let crl_shard = issuer.shard_of(&serial);
        let urls = &self.configuration.urls;
        let plan = CertificatePlan {
            signer: issuer.signer.clone(),
            profile_name: profile.name().to_owned(),
            subject_ref: identity.subject_ref.clone(),
            subject: identity.subject.clone(),
            spki: key.spki_der().to_vec(),
            key_algorithm: key.algorithm(),
            ski: subject_key_id(key.subject_public_key()),
            ski_is_given: false,
            subject_alt_names: identity.subject_alt_names.clone(),
            serial,
            not_before: now,
            not_after,
            not_after_cap,
            now,
            crl_shard,
            cdp_uris: vec![urls.crl(issuer.name(), crl_shard)],
            freshest_crl_uris: vec![urls.delta_crl(issuer.name(), crl_shard)],
            ocsp_uris: vec![urls.ocsp(issuer.name())],
            ca_issuer_uris: vec![urls.ca_issuers(issuer.name())],
            related_certificate: self.live_twin(profile, key.algorithm(), identity, now)?,
            requester: authorized.requester.actor().to_string(),
            request_key: authorized.request_key.clone(),
            request_sha256: Some(authorized.request_sha256.to_vec()),
            renews: authorized.renews.clone(),
        };
        CertificateTbs::build(plan, profile, &self.configuration, &self.timeline)
    }

    /// The end of validity that profile, policy and issuer allow, and the policy's cap.
    pub(super) fn not_after(
        &self,
        profile: &Profile,
        key: KeyAlgorithm,
        issuer: &Issuer,
        act: Act,
        circumstances: &Circumstances,
        now: UnixTime,
    ) -> Result<(UnixTime, Option<UnixTime>), Error> {
        let signature = issuer.signer.signature_algorithm();
        let mut question = IssuanceQuestion {
            class: profile.class(),
            act,
            key,
            signature,
            now,
            not_after: now,
            circumstances: circumstances.clone(),
        };
        // What the policy refuses now has no validity to compute.
        if self.timeline.issuance(&question).is_permitted() {
            question.not_after = profile.not_after(
                &NotAfterQuestion {
                    act,
                    key,
                    signature,
                    now,
                    issuer_not_after: Some(issuer.not_after),
                    circumstances,
                },
                &self.timeline,
            )?;
        }
        let decision = self.timeline.issuance(&question);
        match decision.verdict {
            Verdict::Permit { not_after_cap } => Ok((question.not_after, not_after_cap)),
            Verdict::Refuse => Err(Error::PolicyRefuses {
                profile: profile.name().to_owned(),
                key: key.to_string(),
                reason: decision.reason,
                rule: decision.rule.to_string(),
                phase: decision.phase.id().to_owned(),
            }),
        }
    }

    /// The first issuer for such a key that is there and not at its end.
    pub(super) fn issuer_for(
        &self,
        profile: &Profile,
        key: KeyAlgorithm,
    ) -> Result<Arc<Issuer>, Error> {
        let now = self.now();
        self.profiles
            .issuers_for(profile, key)
            .filter_map(|issuer| self.issuer(issuer.name()).ok())
            .find(|issuer| issuer.not_after > now)
            .ok_or_else(|| Error::NotFound {
                kind: "issuer",
                name: profile.issuers().join(" or "),
                hint: ": no CA of this profile is active",
            })
    }

    pub(super) fn unused_serial(&self, issuer: &str) -> Result<Vec<u8>, Error> {
        loop {
            let serial = new_serial(self.random())?;
            if certificate::find(self.tables(), issuer, &serial)?.is_none() {
                return Ok(serial.to_vec());
            }
        }
    }

    /// The live RSA certificate of the same subject, for the profile that names it (RFC 9763).
    fn live_twin(
        &self,
        profile: &Profile,
        key: KeyAlgorithm,
        identity: &RequestIdentity,
        now: UnixTime,
    ) -> Result<Option<Vec<u8>>, Error> {
        if key.family() != KeyFamily::Ecc
            || !profile.extensions().has(KnownExtension::RelatedCertificate)
        {
            return Ok(None);
        }
        let mut twin = None;
        for (_, row) in certificate::of_subject(self.tables(), &identity.subject_ref)? {
            let is_rsa = self.profiles.get(&row.profile).is_some_and(|other| {
                other.class() == profile.class()
                    && other
                        .key_algorithms()
                        .iter()
                        .all(|key| key.family() == KeyFamily::Rsa)
            });
            if is_rsa && row.is_live(now) {
                twin = Some(row);
            }
        }
        match twin {
            Some(row) => self.certificate_der(&row),
            None => Ok(None),
        }
    }

    /// Passes the door; each further attempt is noted first, and a refusal closes the record.
    pub(super) fn sign<T: ToBeSigned>(
        &self,
        actor: &Actor,
        mut recorded: Recorded<T>,
    ) -> Result<Signed<T>, Error> {
        let record = recorded.index();
        let mut attempt = 1;
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
            if attempt >= MAX_ATTEMPTS || !error.may_be_tried_again() {
                let reason = format!("{}: {error}", error.code());
                let closed = RecordClosed {
                    record,
                    outcome: Closed::Failed,
                    reason,
                };
                self.append(actor, closed.into())?;
                return Err(error.into());
            }
            attempt += 1;
            self.append(actor, SignatureAttempted { record, attempt }.into())?;
        }
    }
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

fn list(algorithms: &[KeyAlgorithm]) -> String {
    algorithms
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" or ")
}
