//! The feed: how edge responders follow the ledger, over TLS 1.3.
//!
//! Each side knows the other beforehand and nobody else: the edge pins the feed's raw public key (RFC
//! 7250), which its enrolment names; the authority knows the edge by its token, which is sent only to
//! the holder of that key. There is no certificate to renew, and status still needs no TLS.
//!
//! - [`FeedServer`] and [`FeedListener`] are the authority's side, [`FeedClient`] the edge's.
//! - Strangers may connect, as many at a time and as often as [`FeedLimits`] says. A connection is counted
//!   before its handshake, a token judged before a body is read; neither asks a key of the CA's, nor the
//!   ledger. Connections of strangers make room for each other, those of edges for nobody.
//! - Integrity rests on neither: the edge checks every entry against checkpoints that the ledger's key
//!   signed.

mod authentication;
mod client;
mod edges;
mod followers;
mod limits;
mod listener;
mod notices;
mod refusal;
mod server;
mod stream;
mod tls;
mod wire;
mod workers;

pub use client::FeedClient;
pub use followers::{Followers, Seen};
pub use limits::FeedLimits;
pub use listener::FeedListener;
pub use server::FeedServer;
pub use stream::FeedStream;
pub use tls::{FeedKey, FeedKeyError};
