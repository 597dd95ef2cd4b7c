//! `kasane hsm reconcile`

use kasane_web::control::{DeviceReconcile, ExitClass, Problem, Request, Response};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::args::Global;
use crate::session::execute;

pub(super) fn run(global: &Global) -> Result<Answer, Problem> {
    let response = execute(global, Request::DeviceReconcile(DeviceReconcile {}))?;
    let Response::Reconciliation(it) = &response else {
        return Ok(Answer::from(response));
    };
    let (open, not_read) = (it.alarms, it.not_read.clone());
    let report = it.report.clone();
    let mut answer = Answer::from(response);
    answer.json = report;
    if let Value::Object(fields) = &mut answer.json {
        fields.insert("not_read".to_owned(), json!(not_read));
    }
    answer.refusal = match (open, not_read) {
        (0, None) => None,
        (0, Some(reason)) => {
            let message = format!("not every device's log was read: {reason}");
            Some(Problem::new(
                ExitClass::Environment,
                "hsm.not-reconciled",
                message,
            ))
        }
        _ => {
            let message = format!(
                "open alarms: {open}; what the devices did is not what the ledger says: see \
                 docs/OPERATIONS.md, 'Hardware keys', and acknowledge with 'kasane hsm acknowledge' \
                 what was explained"
            );
            Some(Problem::new(ExitClass::Negative, "hsm.alarms", message))
        }
    };
    Ok(answer)
}
