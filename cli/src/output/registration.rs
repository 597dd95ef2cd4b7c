//! Registrations in words.

use kasane_web::control::{Facilities, Noted, Operators, Systems};

use super::certificate::time;
use super::table::table;

pub(super) fn noted(it: &Noted) -> String {
    format!(
        "{} {} {} (ledger entry {})\n",
        it.kind, it.name, it.change, it.ledger_index
    )
}

pub(super) fn facilities(it: &Facilities) -> String {
    let rows: Vec<_> = it
        .facilities
        .iter()
        .map(|it| {
            let incapable: Vec<_> = it.ecc_incapable.iter().map(ToString::to_string).collect();
            vec![
                it.code.clone(),
                it.terminals.to_string(),
                time(it.registered),
                incapable.join(","),
                private(&it.contacts, it.unreadable.as_deref()),
            ]
        })
        .collect();
    let head = ["code", "terminals", "registered", "without ECC", "contacts"];
    with_more(table(&head, &rows), it.more)
}

pub(super) fn systems(it: &Systems) -> String {
    let rows: Vec<_> = it
        .systems
        .iter()
        .map(|it| {
            let uses = [(it.server, "server"), (it.client, "client")];
            let uses: Vec<_> = uses
                .iter()
                .filter(|(may, _)| *may)
                .map(|(_, name)| *name)
                .collect();
            vec![
                it.name.clone(),
                uses.join(","),
                it.dns_names.join(","),
                time(it.registered),
            ]
        })
        .collect();
    with_more(
        table(&["name", "uses", "DNS names", "registered"], &rows),
        it.more,
    )
}

pub(super) fn operators(it: &Operators) -> String {
    let rows: Vec<_> = it
        .operators
        .iter()
        .map(|it| {
            vec![
                it.name.clone(),
                time(it.registered),
                private(&it.person, it.unreadable.as_deref()),
            ]
        })
        .collect();
    with_more(table(&["name", "registered", "person"], &rows), it.more)
}

fn private(texts: &[String], unreadable: Option<&str>) -> String {
    unreadable.map_or_else(|| texts.join("; "), |why| format!("unreadable ({why})"))
}

fn with_more(mut text: String, more: bool) -> String {
    if more {
        text.push_str("there are more: use --limit\n");
    }
    text
}
