//! The program `kasane`, run as people run it.

mod address;
mod authority;
mod binary;
mod kasane;
mod refusal;
mod service;

pub use address::free_address;
pub use authority::Listed;
pub use binary::binary;
pub use kasane::Kasane;
pub use refusal::{Refusal, refusal_of};
pub use service::Service;
