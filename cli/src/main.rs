//! The program kasane: configuration, composition, subcommands.

mod answer;
mod args;
mod bench;
mod client;
mod client_limits;
mod commands;
mod composition;
mod descriptors;
mod hardware;
mod interruption;
mod output;
mod passphrase;
mod progress;
mod quickstart;
mod responder;
mod secret_file;
mod serve;
mod session;
mod starting;
mod verify_service;

use std::process::ExitCode;

fn main() -> ExitCode {
    args::run(std::env::args_os().collect())
}
