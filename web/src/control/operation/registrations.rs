//! Who may hold certificates.

use kasane_ca_core::projection::registration;
use kasane_ca_core::registration::{
    DnsName, FacilityCode, Identifier, SystemRegistration, TerminalNumber, Wildcard,
};
use kasane_ca_core::{Actor, Authority, Error};
use kasane_verify::UnixTime;

use crate::control::{
    ClockAccept, Facilities, FacilityAdd, FacilityTerminal, FacilityView, Forget, Noted,
    OperatorAdd, OperatorView, Operators, Problem, RegistrationList, SystemAdd, SystemView,
    Systems,
};

/// Most registrations of one answer.
const MAX_LISTED: u32 = 10_000;

pub(in crate::control) fn add_facility(
    authority: &Authority,
    actor: &Actor,
    order: &FacilityAdd,
) -> Result<Noted, Problem> {
    let code = facility_code(authority, &order.code)?;
    let index = authority.register_facility(actor, &code, order.terminals)?;
    if let Some(contact) = &order.contact {
        authority.keep_private(actor, &format!("facility/{}", code.as_str()), contact)?;
    }
    Ok(noted("facility", code.as_str(), "registered", index))
}

pub(in crate::control) fn record_terminal(
    authority: &Authority,
    actor: &Actor,
    order: &FacilityTerminal,
) -> Result<Noted, Problem> {
    let code = facility_code(authority, &order.code)?;
    let terminal = TerminalNumber::new(order.terminal).map_err(Error::from)?;
    let index = authority.record_terminal_capability(
        actor,
        &code,
        terminal,
        order.ecc_capable,
        &order.reason,
    )?;
    Ok(noted(
        "terminal",
        &format!("{}/{terminal}", code.as_str()),
        "recorded",
        index,
    ))
}

pub(in crate::control) fn forget(
    authority: &Authority,
    actor: &Actor,
    kind: &'static str,
    order: &Forget,
) -> Result<Noted, Problem> {
    let reason = order.reason.trim();
    if reason.is_empty() || reason.len() > 500 {
        return Err(Problem::argument(
            "reason is refused: say in 1 to 500 bytes why it has to go",
        ));
    }
    let subject = format!("{kind}/{}", order.name);
    let index = authority.erase_private(actor, &subject, reason)?;
    Ok(noted(kind, &order.name, "forgotten", index))
}

pub(in crate::control) fn add_system(
    authority: &Authority,
    actor: &Actor,
    order: &SystemAdd,
) -> Result<Noted, Problem> {
    let name = order.name.parse::<Identifier>().map_err(Error::from)?;
    let dns_names = order
        .dns_names
        .iter()
        .map(|name| DnsName::parse(name, Wildcard::Refuse))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Error::from)?;
    let system = SystemRegistration::new(name, dns_names, order.server, order.client)
        .map_err(Error::from)?;
    let index = authority.register_system(actor, &system)?;
    Ok(noted("system", system.name().as_str(), "registered", index))
}

pub(in crate::control) fn add_operator(
    authority: &Authority,
    actor: &Actor,
    order: &OperatorAdd,
) -> Result<Noted, Problem> {
    let name = order.name.parse::<Identifier>().map_err(Error::from)?;
    let index = authority.register_operator(actor, &name, order.person.as_deref())?;
    Ok(noted("operator", name.as_str(), "registered", index))
}

pub(in crate::control) fn facilities(
    authority: &Authority,
    question: &RegistrationList,
) -> Result<Facilities, Problem> {
    let mut rows = Vec::new();
    let visit = &mut |row| up_to(&mut rows, row, question.limit);
    registration::facilities(authority.tables(), visit).map_err(Error::from)?;
    let more = cut(&mut rows, question.limit);
    let mut facilities = Vec::with_capacity(rows.len());
    for row in rows {
        let mut ecc_incapable = Vec::new();
        for terminal in 1..=row.terminals {
            let known = registration::terminal(authority.tables(), &row.code, terminal)
                .map_err(Error::from)?;
            if known.is_some_and(|it| !it.ecc_capable) {
                ecc_incapable.push(terminal);
            }
        }
        let subject = format!("facility/{}", row.code);
        let (contacts, unreadable) = private(authority, question, &subject);
        facilities.push(FacilityView {
            code: row.code,
            terminals: row.terminals,
            registered: UnixTime::from_seconds(row.registered),
            ecc_incapable,
            contacts,
            unreadable,
        });
    }
    Ok(Facilities { facilities, more })
}

pub(in crate::control) fn systems(
    authority: &Authority,
    question: &RegistrationList,
) -> Result<Systems, Problem> {
    let mut rows = Vec::new();
    let visit = &mut |row| up_to(&mut rows, row, question.limit);
    registration::systems(authority.tables(), visit).map_err(Error::from)?;
    let more = cut(&mut rows, question.limit);
    let systems = rows
        .into_iter()
        .map(|row| SystemView {
            name: row.name,
            dns_names: row.dns_names,
            server: row.server,
            client: row.client,
            registered: UnixTime::from_seconds(row.registered),
        })
        .collect();
    Ok(Systems { systems, more })
}

pub(in crate::control) fn operators(
    authority: &Authority,
    question: &RegistrationList,
) -> Result<Operators, Problem> {
    let mut rows = Vec::new();
    let visit = &mut |row| up_to(&mut rows, row, question.limit);
    registration::operators(authority.tables(), visit).map_err(Error::from)?;
    let more = cut(&mut rows, question.limit);
    let mut operators = Vec::with_capacity(rows.len());
    for row in rows {
        let subject = format!("operator/{}", row.name);
        let (person, unreadable) = private(authority, question, &subject);
        let registered = UnixTime::from_seconds(row.registered);
        operators.push(OperatorView {
            name: row.name,
            registered,
            person,
            unreadable,
        });
    }
    Ok(Operators { operators, more })
}

/// What the private log keeps of a subject, or why it cannot be read: one damaged record or lost key
/// hides no other row.
fn private(
    authority: &Authority,
    question: &RegistrationList,
    subject: &str,
) -> (Vec<String>, Option<String>) {
    if !question.private {
        return (Vec::new(), None);
    }
    match authority.read_private(subject) {
        Ok(texts) => (texts, None),
        Err(error) => {
            tracing::warn!(subject, code = error.code(), %error, "private record cannot be read");
            (Vec::new(), Some(error.to_string()))
        }
    }
}

fn facility_code(authority: &Authority, code: &str) -> Result<FacilityCode, Problem> {
    let check_digit = authority.configuration().check_digit();
    Ok(FacilityCode::parse(code, check_digit).map_err(Error::from)?)
}

pub(in crate::control) fn accept_clock(
    authority: &Authority,
    actor: &Actor,
    order: &ClockAccept,
) -> Result<Noted, Problem> {
    let index = authority.accept_clock(actor, &order.reason)?;
    Ok(noted("clock", "clock", "accepted", index))
}

fn noted(kind: &str, name: &str, change: &str, ledger_index: u64) -> Noted {
    Noted {
        kind: kind.to_owned(),
        name: name.to_owned(),
        change: change.to_owned(),
        ledger_index,
    }
}

/// Keeps one row beyond the limit, which tells that there are more.
fn up_to<T>(rows: &mut Vec<T>, row: T, limit: u32) -> bool {
    rows.push(row);
    rows.len() <= limit.clamp(1, MAX_LISTED) as usize
}

fn cut<T>(rows: &mut Vec<T>, limit: u32) -> bool {
    let limit = limit.clamp(1, MAX_LISTED) as usize;
    let more = rows.len() > limit;
    rows.truncate(limit);
    more
}
