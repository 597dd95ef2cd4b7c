//! The feed: how edge responders follow the ledger, over TLS 1.3.
//!
//! Each side knows the other beforehand and nobody else: the edge pins the feed's raw public key (RFC
//! 7250), which its enrolment names; the authority knows the edge by its token, which is sent only to
//! the holder of that key. There is no certificate to renew, and status still needs no TLS.
//!
//! - [`FeedServer`] and [`FeedListener`] are the authority's side, [`FeedClient`] the edge's.
//! - Integrity rests on neither: the edge checks every entry against checkpoints that the ledger's key
//!   signed.

mod authentication;
mod client;
mod followers;
mod listener;
mod server;
mod tls;
mod wire;

pub use client::FeedClient;
pub use followers::{Followers, Seen};
pub use listener::FeedListener;
pub use server::FeedServer;
pub use tls::{FeedKey, FeedKeyError};
