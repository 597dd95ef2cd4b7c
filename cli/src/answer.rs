//! What a command says, and how it is printed.

use std::io::Write;
use std::process::ExitCode;

use kasane_web::control::{Problem, Response};
use serde_json::{Value, json};

use crate::output;

/// What a command says.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// For programs.
    pub(crate) json: Value,
    /// For people; may be piped on.
    pub(crate) text: String,
    /// For people, beside it: standard error.
    pub(crate) notes: String,
    /// Set when the answer is no: why, and the exit code. The JSON says it itself.
    pub(crate) refusal: Option<Problem>,
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        let (text, notes) = output::text(&response);
        // The answer itself: the variant's name says no more than the command.
        let json = match serde_json::to_value(&response) {
            Ok(Value::Object(variant)) => variant.into_values().next().unwrap_or_default(),
            Ok(other) => other,
            Err(error) => json!({ "unprintable": error.to_string() }),
        };
        Self {
            json,
            text,
            notes,
            refusal: None,
        }
    }
}

/// Prints what came of a command; returns the exit code.
pub(crate) fn print(result: Result<Answer, Problem>, as_json: bool) -> ExitCode {
    let mut stdout = std::io::stdout().lock();
    // Writing to a closed pipe is the reader's wish.
    match result {
        Ok(answer) => {
            if !as_json {
                eprint!("{}", answer.notes);
                let _written = write!(stdout, "{}", answer.text);
            } else if !answer.json.is_null() {
                let _written = writeln!(stdout, "{:#}", answer.json);
            }
            match answer.refusal {
                None => ExitCode::SUCCESS,
                Some(problem) => {
                    if !as_json {
                        tell(&problem);
                    }
                    ExitCode::from(problem.class.exit_code())
                }
            }
        }
        Err(problem) => {
            if as_json {
                let error = json!({ "code": problem.code, "message": problem.message });
                let _written = writeln!(stdout, "{:#}", json!({ "error": error }));
            } else {
                tell(&problem);
            }
            ExitCode::from(problem.class.exit_code())
        }
    }
}

fn tell(problem: &Problem) {
    eprintln!("error[{}]: {}", problem.code, problem.message);
    if let Some(help) = problem.help() {
        eprintln!("help: {help}");
    }
}
