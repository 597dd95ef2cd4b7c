//! An edge: a replica of the ledger elsewhere, which answers about status with signers of its own and
//! can do nothing else.
//!
//! - [`Follower`] keeps ledger and projection in its folder and takes one [`Page`] after another from
//!   a [`Feed`]. What a checkpoint signed by the ledger's key covers becomes durable; what none covers
//!   yet is held in memory beside it, and in a file, so that a killed edge says the same again. Of that,
//!   revocations count at once, because `revoked` is the safe side; a new certificate is `unknown` until
//!   the next checkpoint.
//! - `knowledge` is how far what is known reaches in time: no answer claims more. `present` is the time:
//!   no answer is of the future.
//! - It implements [`StatusSource`](crate::status_source::StatusSource), so the responder is the same as
//!   the authority's.

mod check;
mod enrolment;
mod error;
mod feed;
mod held;
mod held_file;
mod held_record;
mod hold;
mod knowledge;
mod note;
mod order;
mod page;
mod present;
mod replica;
mod report;
mod status;
mod step;
mod take;

pub use enrolment::Enrolment;
pub use error::FollowError;
pub use feed::{Ask, Feed, FeedError, SignerRequest};
pub use held::HeldLimits;
pub use page::{BadPage, MAX_PAGE_BYTES, Page};
pub use replica::{Follower, FollowerParts};
pub use report::{Contact, FollowerReport, STALE_SECONDS, SignerReport, Standing};
pub use step::Step;
