//! What a collection of CRLs says about a certificate (RFC 5280 §6.3.3).

use std::sync::Arc;

use super::scope::{OTHER_ISSUER, Place, Reasons};
use crate::UnixTime;
use crate::certificate::Certificate;
use crate::crl::{CertificateList, IndexedCrl, RevokedCertificate};
use crate::path::ProfileRule;
use crate::revocation::{Freshness, RevocationReason, Status};

/// What the CRLs say, and on which it rests.
pub(crate) struct Decision {
    pub(crate) status: Status,
    pub(crate) complete: Arc<IndexedCrl>,
    pub(crate) delta: Option<Arc<IndexedCrl>>,
}

/// How CRLs are judged.
pub(crate) struct CrlQuestion<'q, 'c> {
    pub(crate) certificate: &'q Certificate<'c>,
    pub(crate) crls: &'q [Arc<IndexedCrl>],
    pub(crate) at: UnixTime,
    pub(crate) freshness: Freshness,
    pub(crate) profile: ProfileRule,
}

/// Whose key signed a CRL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// The certificate's issuer's.
    Issuer,
    /// Another that may sign in the CRL issuer's name, told from others by a number.
    Other(usize),
}

/// Whose a CRL is when its signer may sign it, why not, or what halts the search.
pub(crate) type Authentic<'f, E> =
    dyn FnMut(&Arc<IndexedCrl>) -> Result<Result<Voice, String>, E> + 'f;

/// Decides about a certificate. `authentic` says whether a CRL is signed by one who may sign it
/// (§6.3.3 (f), (g)); nothing of a CRL is believed before. Without decision `problems` says why.
pub(crate) fn decide<E>(
    question: &CrlQuestion<'_, '_>,
    authentic: &mut Authentic<'_, E>,
    problems: &mut Vec<String>,
) -> Result<Option<Decision>, E> {
    let certificate = question.certificate;
    // By the issuer's own key, and by each other. A newer CRL of another key, whose own standing may
    // rest on such CRLs, takes nothing back that the issuer says.
    let mut covered = Reasons::NONE;
    let mut others: Vec<(Voice, Reasons)> = Vec::new();
    let mut newest: Vec<&Arc<IndexedCrl>> = question.crls.iter().collect();
    // Of two CRLs for the same reasons the newer one counts; of one second, the greater number.
    newest.sort_by_key(|crl| {
        let number = crl.list().number().map(number_order);
        std::cmp::Reverse((crl.list().this_update(), number))
    });
    let mut good = None;
    for place in Place::of(certificate) {
        if covered.covers(Reasons::all()) {
            break;
        }
        for crl in newest.iter().copied() {
            let list = crl.list();
            if list.base_number().is_some() {
                continue;
            }
            let reasons = match place.covered_by(list, certificate) {
                Ok(reasons) => reasons,
                Err(why) => {
                    note(problems, list, why);
                    continue;
                }
            };
            // (e)
            if covered.covers(reasons) {
                continue;
            }
            if list.unknown_critical().is_some() {
                note(
                    problems,
                    list,
                    "it has a critical extension that is not understood",
                );
                continue;
            }
            // §5.2.3: every CRL has a number.
            if question.profile == ProfileRule::Rfc5280
                && (list.number().is_none() || list.number_is_critical())
            {
                note(problems, list, "it has no CRL number, or a critical one");
                continue;
            }
            let mut deltas = newest.iter().copied().filter(|delta| {
                is_delta_of(delta.list(), list) && current(delta.list(), question).is_ok()
            });
            let first = deltas.next();
            // A current delta brings an older base up to date (§5.2.4).
            let timely = match first {
                Some(_) => begun(list, question),
                None => current(list, question),
            };
            if let Err(why) = timely {
                note(problems, list, why);
                continue;
            }
            let voice = match authentic(crl)? {
                Ok(voice) => voice,
                Err(why) => {
                    note(problems, list, &why);
                    continue;
                }
            };
            let said = others.iter().filter(|it| it.0 == voice);
            if said
                .fold(Reasons::NONE, |sum, it| sum.or(it.1))
                .covers(reasons)
            {
                continue;
            }
            let mut delta = None;
            for candidate in first.into_iter().chain(deltas) {
                // One that is not authentic must not hide an older one that is.
                match authentic(candidate)? {
                    // §6.3.3 (c): by the same key.
                    Ok(same) if same == voice => {
                        delta = Some(candidate);
                        break;
                    }
                    Ok(_) => note(problems, candidate.list(), "its base has another key"),
                    Err(why) => note(problems, candidate.list(), &why),
                }
            }
            if delta.is_none()
                && let Err(why) = current(list, question)
            {
                note(problems, list, why);
                continue;
            }
            let decision = |status| Decision {
                status,
                complete: Arc::clone(crl),
                delta: delta.map(Arc::clone),
            };
            if let Some(status) = revoked(certificate, crl, delta) {
                return Ok(Some(decision(status)));
            }
            good = Some(decision(Status::Good));
            match voice {
                Voice::Issuer => covered = covered.or(reasons),
                other @ Voice::Other(_) => others.push((other, reasons)),
            }
        }
    }
    let covered = others.iter().fold(covered, |sum, it| sum.or(it.1));
    if covered.covers(Reasons::all()) {
        return Ok(good);
    }
    if covered != Reasons::NONE {
        problems.push("the CRLs at hand do not cover every reason for revocation".to_owned());
    }
    Ok(None)
}

/// §6.3.3 (i) to (k): the delta first; what it takes back is not revoked.
fn revoked(
    certificate: &Certificate<'_>,
    complete: &IndexedCrl,
    delta: Option<&Arc<IndexedCrl>>,
) -> Option<Status> {
    if let Some(delta) = delta
        && let Some(entry) = entry(certificate, delta)
    {
        return (entry.reason != Some(RevocationReason::RemoveFromCrl)).then(|| status(&entry));
    }
    entry(certificate, complete).map(|entry| status(&entry))
}

const fn status(entry: &RevokedCertificate<'_>) -> Status {
    Status::Revoked {
        date: entry.revocation_date,
        reason: entry.reason,
    }
}

/// The entry of a certificate; of several the worst. Reading cannot fail: the index has seen it.
fn entry<'c>(certificate: &Certificate<'_>, crl: &'c IndexedCrl) -> Option<RevokedCertificate<'c>> {
    crl.find_of(Some(certificate.issuer()), certificate.serial())
        .ok()
        .flatten()
}

/// §6.3.3 (c): same issuer, scope and key, made on a base no newer than the complete CRL, and not
/// older than it.
fn is_delta_of(delta: &CertificateList<'_>, complete: &CertificateList<'_>) -> bool {
    let Some(base) = delta.base_number() else {
        return false;
    };
    let (Some(number), Some(complete_number)) = (delta.number(), complete.number()) else {
        return false;
    };
    delta.issuer().matches(&complete.issuer())
        && delta.issuing_distribution_point() == complete.issuing_distribution_point()
        && delta.authority_key_id() == complete.authority_key_id()
        && delta.unknown_critical().is_none()
        && number_order(base) <= number_order(complete_number)
        && number_order(number) >= number_order(complete_number)
}

/// CRL numbers are not negative, so length and octets order them once leading zeros are gone.
fn number_order(number: &[u8]) -> (usize, &[u8]) {
    let start = number.iter().take_while(|octet| **octet == 0).count();
    let number = number.get(start..).unwrap_or_default();
    (number.len(), number)
}

fn begun(list: &CertificateList<'_>, question: &CrlQuestion<'_, '_>) -> Result<(), &'static str> {
    if question.at < list.this_update() {
        return Err("it is not valid yet");
    }
    Ok(())
}

fn current(list: &CertificateList<'_>, question: &CrlQuestion<'_, '_>) -> Result<(), &'static str> {
    begun(list, question)?;
    match (question.freshness, list.next_update()) {
        (Freshness::DangerouslyIgnored, _) => Ok(()),
        (Freshness::Required, None) => Err("it has no next update"),
        (Freshness::Required, Some(next)) if question.at > next => Err("it is out of date"),
        (Freshness::Required, Some(_)) => Ok(()),
    }
}

/// Most reasons that are kept: more would help nobody.
const MAX_PROBLEMS: usize = 16;

fn note(problems: &mut Vec<String>, list: &CertificateList<'_>, why: &str) {
    // A caller may offer every CRL it has: that most are of others tells nothing.
    if why == OTHER_ISSUER || problems.len() >= MAX_PROBLEMS {
        return;
    }
    let problem = format!("CRL of {}: {why}", list.issuer());
    if !problems.contains(&problem) {
        problems.push(problem);
    }
}
