//! HTTP: status endpoints and the operator's control socket. No decisions.

pub mod control;
