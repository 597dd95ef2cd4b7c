//! One place where a command becomes a call.

use kasane_ca_core::Requester;

use super::operation::{
    certificates, crl, devices, issue, ledger, policy, registrations, responders, revocations,
    verify, visibility,
};
use super::{Context, Problem, Request, Response};

/// Carries out a command for `requester`. Blocks.
///
/// # Errors
/// Why it was not carried out.
pub fn dispatch(
    context: &Context,
    request: Request,
    requester: &Requester,
) -> Result<Response, Problem> {
    let authority = context.authority();
    let actor = requester.actor();
    match request {
        Request::Issue(it) => issue::issue(authority, requester, it).map(Response::Issued),
        Request::Renew(it) => issue::renew(authority, requester, it).map(Response::Issued),
        Request::Revoke(it) => certificates::revoke(context, actor, &it).map(Response::Revoked),
        Request::RevokeMany(it) => revocations::revoke_many(context, actor, &it)
            .map(|done| Response::RevokedMany(Box::new(done))),
        Request::MassRevocationProgress(_) => {
            revocations::progress(context).map(Response::MassRevocation)
        }
        Request::EndpointList(_) => visibility::endpoints(context).map(Response::StatusEndpoints),
        Request::VisibilityPlan(it) => {
            visibility::plan(context, &it).map(|plan| Response::VisibilityPlanned(Box::new(plan)))
        }
        Request::CanaryShow(_) => Ok(Response::Canary(Box::new(context.canary_report()))),
        Request::Show(it) => {
            certificates::show(authority, &it).map(|view| Response::Certificate(Box::new(view)))
        }
        Request::List(it) => certificates::list(authority, &it).map(Response::Certificates),
        Request::Verify(it) => {
            verify::verify(authority, &it).map(|report| Response::Verified(Box::new(report)))
        }
        Request::FacilityAdd(it) => {
            registrations::add_facility(authority, actor, &it).map(Response::Noted)
        }
        Request::FacilityList(it) => {
            registrations::facilities(authority, &it).map(Response::Facilities)
        }
        Request::FacilityTerminal(it) => {
            registrations::record_terminal(authority, actor, &it).map(Response::Noted)
        }
        Request::ClockAccept(it) => {
            registrations::accept_clock(authority, actor, &it).map(Response::Noted)
        }
        Request::FacilityForget(it) => {
            registrations::forget(authority, actor, "facility", &it).map(Response::Noted)
        }
        Request::SystemAdd(it) => {
            registrations::add_system(authority, actor, &it).map(Response::Noted)
        }
        Request::SystemList(it) => registrations::systems(authority, &it).map(Response::Systems),
        Request::OperatorAdd(it) => {
            registrations::add_operator(authority, actor, &it).map(Response::Noted)
        }
        Request::OperatorList(it) => {
            registrations::operators(authority, &it).map(Response::Operators)
        }
        Request::OperatorForget(it) => {
            registrations::forget(authority, actor, "operator", &it).map(Response::Noted)
        }
        Request::LedgerVerify(_) => {
            ledger::audit(authority.ledger(), &mut |_, _| {}).map(Response::LedgerReport)
        }
        Request::LedgerProve(it) => ledger::prove(authority, &it.what).map(Response::Proof),
        Request::LedgerEntries(it) => {
            ledger::read_entries(authority.ledger(), &it).map(Response::Entries)
        }
        Request::CrlPublish(it) => crl::publish(context, &it).map(Response::CrlsPublished),
        Request::CrlEnd(it) => crl::end(context, actor, &it).map(Response::CrlsPublished),
        Request::CrlImport(it) => crl::import(context, actor, &it).map(Response::CrlImported),
        Request::CrlList(_) => crl::list(authority).map(Response::Crls),
        Request::CrlShow(it) => crl::show(authority, &it).map(Response::Crl),
        Request::PolicyExplain(it) => policy::explain(
            authority.timeline(),
            authority.profiles(),
            &it,
            authority.now(),
        )
        .map(Response::Policy),
        Request::DeviceList(_) => devices::list(context).map(Response::Devices),
        Request::DeviceEnable(it) => {
            devices::enable(context, actor, &it).map(|view| Response::Device(Box::new(view)))
        }
        Request::DeviceReconcile(_) => devices::reconcile(context).map(Response::Reconciliation),
        Request::AlarmAcknowledge(it) => {
            devices::acknowledge(authority, actor, &it).map(Response::AlarmsAcknowledged)
        }
        Request::ResponderEnrol(it) => {
            responders::enrol(context, actor, &it).map(Response::ResponderEnrolled)
        }
        Request::ResponderList(_) => responders::list(context).map(Response::Responders),
        Request::ResponderRemove(it) => {
            responders::remove(context, actor, &it).map(Response::ResponderRemoved)
        }
        Request::RecordedKeyList(_) => {
            let books = authority.books()?;
            Ok(Response::RecordedKeys(devices::recorded_keys(&books)))
        }
    }
}
