//! Fetches revocation evidence for [`kasane_verify`], which does no I/O itself.
//!
//! One [`Fetcher`] serves all connections of a process. Each CRL is fetched, parsed and its
//! signature checked once, however many connections ask for it at the same time; OCSP goes by GET so
//! that caches between help (RFC 9919). Memory and time are bounded by [`FetchConfig`]. When a
//! refresh fails the last good evidence counts until its next update, as the verifier judges it;
//! then verification fails closed.
//!
//! Nothing that is fetched is trusted: the verifier checks signatures, dates and scope of every
//! piece. Only plain `http` is spoken, with hosts and ports that the configuration allows, for
//! certificates whose issuer was verified before.
//!
//! ```
//! use std::sync::Arc;
//!
//! use kasane_verify::UnixTime;
//! use kasane_verify::certificate::Certificate;
//! use kasane_verify::crypto::AwsLc;
//! use kasane_verify::path::{AcceptAll, PathError, Purpose, Question, TrustAnchor, Verifier};
//! use kasane_verify_fetch::{FetchConfig, Fetcher, Hosts, SystemClock};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let config = FetchConfig {
//!     hosts: Hosts::Within(vec!["kasane.example".to_owned()]),
//!     ..FetchConfig::default()
//! };
//! let fetcher = Fetcher::new(config, Arc::new(SystemClock), Arc::new(AwsLc))?;
//! let _background = fetcher.refresh_in_background();
//!
//! async fn admit(
//!     fetcher: &Fetcher,
//!     anchors: &[TrustAnchor],
//!     terminal: &Certificate<'_>,
//!     issuing: &[Certificate<'_>],
//!     now: UnixTime,
//! ) -> Result<(), PathError> {
//!     let verifier = Verifier::new(&AwsLc, anchors, &AcceptAll);
//!     let question = Question::new(terminal, issuing, now, Purpose::ClientAuth);
//!     let path = fetcher.verify(&verifier, &question).await?;
//!     println!("{:?} by {:?}", path.identity(), path.statuses());
//!     Ok(())
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })
//! # }
//! ```

mod cache;
mod clock;
mod config;
mod disk;
mod drive;
mod error;
mod fetcher;
mod flight;
mod http;
mod inner;
mod metrics;
mod refresh;
mod target;

pub use clock::{Clock, SystemClock};
pub use config::{ConfigError, FetchConfig, Hosts, Preference};
pub use error::{AddressError, FetchError};
pub use fetcher::Fetcher;
pub use metrics::Metrics;
pub use refresh::RefreshTask;
