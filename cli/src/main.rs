//! The program kasane: configuration, composition, subcommands.
fn main() {}
