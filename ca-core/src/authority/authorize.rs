//! May this requester have this identity and profile?

use kasane_verify::KeyAlgorithm;
use kasane_verify::policy::{Act, Circumstances, Class};

use super::{Authority, IssueOrder};
use crate::pipeline::{Authorized, RequestIdentity};
use crate::profile::{HostNames, Profile, ProfileKind, SubjectForm};
use crate::projection::{registration, subject_key};
use crate::registration::{DnsName, Holder, Identity, Wildcard};
use crate::{Error, Requester};

impl Authority {
    pub(super) fn authorize(
        &self,
        requester: Requester,
        order: IssueOrder,
    ) -> Result<Authorized<'_>, Error> {
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
        self.ensure_key_is_free(&key.spki_sha256(), &identity)?;
        if !profile.request().accepts(request.signature_algorithm()) {
            return Err(Error::RequestDigest {
                profile: profile.name().to_owned(),
                found: request.signature_algorithm().to_string(),
            });
        }
        let renewed = order
            .renews
            .map(|renewed| self.renewable(renewed, &identity))
            .transpose()?;
        // What follows a certificate of the other family is new of its kind: a right to renew RSA
        // is no right to begin with it.
        let act = match &renewed {
            Some(renewed) if renewed.family == Some(key.algorithm().family()) => Act::Renew,
            _ => Act::IssueNew,
        };
        let renews = renewed.map(|renewed| renewed.serial);
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

    /// # Errors
    /// [`Error::KeyCompromised`]; [`Error::KeyOfAnother`].
    fn ensure_key_is_free(
        &self,
        spki_sha256: &[u8],
        identity: &RequestIdentity,
    ) -> Result<(), Error> {
        // Read before the key's row, which an act changes late.
        let all_is_spread = self.spreader.is_done()?;
        let Some(row) = subject_key::find(self.tables(), spki_sha256)? else {
            return Ok(());
        };
        if row.compromised || (!all_is_spread && self.is_compromised_by_act(&row, spki_sha256)?) {
            return Err(Error::KeyCompromised);
        }
        if row.subject != identity.subject_ref {
            return Err(Error::KeyOfAnother {
                subject: row.subject,
            });
        }
        Ok(())
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
                            self.require_domain(name)?;
                            dns_names.push(DnsName::parse(name, Wildcard::Allow)?);
                        }
                    }
                    _ if !system.client => {
                        return Err(refuse("the system is not registered as a client"));
                    }
                    _ if profile.host_names() == HostNames::Identity => {
                        dns_names.extend(self.configuration.naming.identity_host(identity));
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
}

fn list(algorithms: &[KeyAlgorithm]) -> String {
    algorithms
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" or ")
}
