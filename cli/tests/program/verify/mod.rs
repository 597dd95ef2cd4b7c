//! `kasane verify` with files alone.

mod declared;
mod dry_run;
mod evidence;
mod explained;
mod hostile;
mod network;
mod questions;
