//! The simulator as a program.

use std::process::ExitCode;

use clap::FromArgMatches;
use kasane_hsm_simulator::Args;

fn main() -> ExitCode {
    let matches = Args::command().get_matches();
    let outcome = Args::from_arg_matches(&matches)
        .map_err(|error| error.to_string())
        .and_then(|args| {
            args.run()
                .map_err(|error| format!("{}: {error}", error.code()))
        });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
