//! Answers in words.

mod certificate;
mod device;
mod ledger;
mod policy;
mod registration;
pub(crate) mod responder;
pub(crate) mod revocation;
mod table;
pub(crate) mod trust;
pub(crate) mod verification;

use kasane_web::control::Response;

/// The text of an answer, and what is said beside it on standard error.
pub(crate) fn text(response: &Response) -> (String, String) {
    let alone = |text| (text, String::new());
    match response {
        Response::Issued(it) => (it.pem.clone(), certificate::issued(it)),
        Response::Revoked(it) => alone(certificate::revoked(it)),
        Response::RevokedMany(it) => alone(revocation::revoked_many(it)),
        Response::MassRevocation(it) => alone(revocation::progress(it)),
        Response::StatusEndpoints(it) => alone(revocation::endpoints(it)),
        Response::VisibilityPlanned(it) => alone(revocation::endpoints(&it.responders)),
        Response::Canary(it) => alone(revocation::canary(it)),
        Response::Certificate(it) => alone(certificate::shown(it)),
        Response::Certificates(it) => alone(certificate::listed(it)),
        Response::Verified(it) => alone(verification::text(it, verification::Language::En)),
        Response::Noted(it) => alone(registration::noted(it)),
        Response::Facilities(it) => alone(registration::facilities(it)),
        Response::Systems(it) => alone(registration::systems(it)),
        Response::Operators(it) => alone(registration::operators(it)),
        Response::LedgerReport(it) => alone(ledger::report(it)),
        Response::Proof(it) => (it.proof.clone(), ledger::proven(it)),
        Response::Entries(it) => alone(ledger::entries(it)),
        Response::CrlsPublished(it) => alone(certificate::crls_published(it)),
        Response::CrlImported(it) => alone(certificate::crl_imported(it)),
        Response::Crls(it) => alone(certificate::crls(it)),
        Response::Crl(it) => alone(it.pem.clone()),
        Response::Policy(it) => alone(policy::explained(it)),
        Response::Devices(it) => alone(device::devices(it)),
        Response::Device(it) => alone(device::device(it)),
        Response::RecordedKeys(it) => alone(device::recorded(it)),
        Response::AlarmsAcknowledged(it) => alone(device::acknowledged(it)),
        Response::ResponderEnrolled(it) => alone(responder::enrolled(it)),
        Response::Responders(it) => alone(responder::listed(it)),
        Response::ResponderRemoved(it) => alone(responder::removed(it)),
        Response::Reconciliation(it) => alone(device::reconciliation(it)),
    }
}
