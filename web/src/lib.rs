//! HTTP: status endpoints and the operator's control socket. No decisions.
