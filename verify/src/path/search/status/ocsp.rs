//! Status by OCSP responses.

use std::sync::Arc;

use super::{Asked, Known};
use crate::certificate::Certificate;
use crate::ocsp::{self, OcspError, OcspIssuer, OcspRules};
use crate::path::Reason;
use crate::path::search::Search;
use crate::path::search::validate::Stop;
use crate::revocation::{Basis, Freshness, Status};

/// What an OCSP response is checked within.
struct Around<'a, 'm, 's> {
    search: &'a mut Search<'m, 's>,
    asked: &'a Asked<'a>,
    /// What ended the search while the response was being checked.
    stop: Option<Stop>,
}

impl ocsp::Surroundings for Around<'_, '_, '_> {
    fn spend_signature(&mut self) -> bool {
        match self.search.memory.spend_signature() {
            Ok(()) => true,
            Err(halt) => {
                self.stop = Some(Stop::Halt(halt));
                false
            }
        }
    }

    /// What its issuer's CRLs at hand say; without any it is taken as good, as clients do.
    fn is_revoked(&mut self, signer: &Certificate<'_>) -> bool {
        let asked = Asked {
            certificate: signer,
            freshness: Freshness::DangerouslyIgnored,
            ..*self.asked
        };
        let known = self.search.by_crl(&asked, &mut Vec::new());
        match known {
            Ok(known) => matches!(known, Known::Revoked(_)),
            Err(stop) => {
                self.stop = Some(stop);
                true
            }
        }
    }
}

impl Search<'_, '_> {
    pub(super) fn by_ocsp(
        &mut self,
        asked: &Asked<'_>,
        problems: &mut Vec<String>,
    ) -> Result<Known, Stop> {
        let authority = asked.authority;
        let rules = OcspRules {
            at: self.question.at,
            freshness: asked.freshness,
            max_age_seconds: self.verifier.revocation.max_age_seconds,
            nonce: None,
            policy: self.verifier.policy,
        };
        let issuer = OcspIssuer {
            name: authority.name,
            spki: authority.spki,
            key: &*authority.key,
            validity: authority.validity,
        };
        let mut newest: Option<ocsp::OcspAnswer> = None;
        for index in 0..self.memory.responses.len() {
            let Some(evidence) = self.memory.responses.get(index).map(Arc::clone) else {
                break;
            };
            let rules = OcspRules {
                nonce: evidence.nonce.as_ref(),
                ..rules.clone()
            };
            let mut around = Around {
                search: self,
                asked,
                stop: None,
            };
            let crypto = around.search.verifier.crypto;
            let response = &evidence.response;
            let checked = ocsp::check_within(
                crypto,
                response,
                asked.certificate,
                &issuer,
                &rules,
                &mut around,
            );
            if let Some(stop) = around.stop {
                return Err(stop);
            }
            match checked {
                Ok(answer) => {
                    // Of one second the worse, so that their order decides nothing.
                    if newest.is_none_or(|it| weight(&it) < weight(&answer)) {
                        newest = Some(answer);
                    }
                }
                Err(OcspError::NotAboutCertificate | OcspError::OtherIssuer) => {}
                Err(error) => problems.push(error.to_string()),
            }
        }
        Ok(match newest {
            None => Known::Nothing,
            Some(answer) => match answer.status {
                Status::Good => Known::Good(Basis::Ocsp {
                    produced_at: answer.produced_at,
                    this_update: answer.this_update,
                    next_update: answer.next_update,
                }),
                Status::Revoked { date, reason } => {
                    Known::Revoked(Reason::Revoked { date, reason })
                }
                Status::Unknown => {
                    problems.push("the OCSP responder does not know the certificate".to_owned());
                    Known::Unknown
                }
            },
        })
    }
}

const fn badness(status: Status) -> u8 {
    match status {
        Status::Good => 0,
        Status::Unknown => 1,
        Status::Revoked { .. } => 2,
    }
}

fn weight(answer: &ocsp::OcspAnswer) -> (crate::UnixTime, u8) {
    (answer.this_update, badness(answer.status))
}
