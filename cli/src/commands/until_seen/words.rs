//! Who did not tell, and what people can do.

use std::io::IsTerminal;

use kasane_web::control::{ExitClass, Problem, StatusEndpoints, VisibilityPlanned};
use kasane_web::visibility::{Observation, What};
use serde_json::{Value, json};

use super::Begun;
use crate::answer::Answer;
use crate::output::revocation::observation;

/// Those that are described one by one; each has its line in the answer in any case.
const MOST_DESCRIBED: usize = 8;

/// Whether somebody looks while it goes on.
pub(super) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// `answer` with what was seen; a refusal when somebody did not tell.
pub(super) fn told(
    mut answer: Answer,
    plan: &VisibilityPlanned,
    seen: &[Observation],
    begun: &Begun,
    timeout_seconds: u64,
) -> Answer {
    let missing: Vec<_> = seen.iter().filter(|it| it.is_missing()).collect();
    answer.refusal = not_seen(plan, &missing, seen.len(), begun, timeout_seconds);
    add(&mut answer, "visibility", json!(seen));
    add(&mut answer, "not_visible_at", json!(names(&missing)));
    // A terminal had each line when it was known.
    for it in seen.iter().filter(|_| !is_watched()) {
        answer.text.push_str(&observation(it));
    }
    with_error(answer)
}

/// `answer` with the reason why nobody was asked.
pub(super) fn cannot_look(mut answer: Answer, problem: &Problem) -> Answer {
    let message = format!(
        "{}. It is revoked all the same; nobody was asked whether they tell of it",
        problem.message
    );
    answer.refusal = Some(Problem::new(ExitClass::NotVisible, &problem.code, message));
    with_error(answer)
}

pub(super) fn nobody(responders: &StatusEndpoints) -> Problem {
    let message = if responders.roster.endpoints.is_empty() {
        "there is nobody to ask: start 'kasane serve', or name responders in DIR/revocation.toml"
    } else {
        "no OCSP tells of this certificate: of CA certificates CRLs do, wait with --until crl"
    };
    Problem::new(ExitClass::NotVisible, "revocation.nobody-to-ask", message)
}

pub(crate) fn unexpected() -> Problem {
    Problem::new(
        ExitClass::Internal,
        "internal",
        "the service answers something else: use the program of the same release",
    )
}

fn not_seen(
    plan: &VisibilityPlanned,
    missing: &[&Observation],
    asked: usize,
    begun: &Begun,
    timeout_seconds: u64,
) -> Option<Problem> {
    if missing.is_empty() {
        return None;
    }
    let (code, how) = if begun.interruption.is_there() {
        (
            "revocation.wait-interrupted",
            "before the interruption".to_owned(),
        )
    } else {
        (
            "revocation.not-visible",
            format!("within {timeout_seconds} s"),
        )
    };
    let mut message = format!(
        "it is revoked, and that stands; {} of {asked} did not tell of it {how}: {}",
        missing.len(),
        names(missing).join(", ")
    );
    for it in missing.iter().take(MOST_DESCRIBED) {
        message.push_str(&described(it));
    }
    if let Some(more) = missing.len().checked_sub(MOST_DESCRIBED + 1) {
        message.push_str(&format!("\n  and {} more", more + 1));
    }
    message.push_str(&format!(
        "\n'kasane status seen {}' looks again",
        unseen(plan, missing).join(" ")
    ));
    Some(Problem::new(ExitClass::NotVisible, code, message))
}

/// Certificates that are worth looking for again.
fn unseen(plan: &VisibilityPlanned, missing: &[&Observation]) -> Vec<String> {
    let serials = missing.iter().map(|it| it.serial.clone());
    let mut serials: Vec<_> = serials.filter(|it| !it.is_empty()).collect();
    serials.sort_unstable();
    serials.dedup();
    if serials.is_empty() {
        serials.extend(plan.certificates.last().map(|it| it.serial.clone()));
    }
    serials
}

fn described(it: &Observation) -> String {
    let says = match it.what {
        What::Feed => it.seen.describe(),
        _ => format!("({}) of {}: {}", it.url, it.serial, it.seen.describe()),
    };
    format!("\n  {}: {says}; {}", it.endpoint, it.seen.advice())
}

fn names(missing: &[&Observation]) -> Vec<String> {
    let mut names: Vec<_> = missing.iter().map(|it| it.endpoint.clone()).collect();
    names.dedup();
    names
}

fn with_error(mut answer: Answer) -> Answer {
    if let Some(problem) = &answer.refusal {
        let error = json!({ "code": problem.code, "message": problem.message });
        add(&mut answer, "error", error);
    }
    answer
}

fn add(answer: &mut Answer, name: &str, value: Value) {
    if let Value::Object(fields) = &mut answer.json {
        fields.insert(name.to_owned(), value);
    }
}
