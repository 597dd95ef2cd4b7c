//! How a certificate comes to be, as types: each step returns what only it can make, and the next
//! step consumes it.
//!
//! ```text
//! EnrolmentRequest → Authorized → CertificateTbs → Linted → Recorded → Signed → Issued
//! ```
//!
//! CRLs take the same way from [`CrlTbs`] on, requests to other CAs from [`RequestTbs`] on.

mod authorized;
mod certificate_tbs;
mod crl_encoder;
mod crl_octets;
mod crl_tbs;
mod extensions;
mod finish;
mod in_flight;
mod key_id;
mod linted;
mod plan;
mod recorded;
mod request_tbs;
mod serial;
mod to_be_signed;

pub use authorized::{Authorized, RequestIdentity};
pub use certificate_tbs::CertificateTbs;
pub use crl_encoder::{BeginCrl, CrlEncoder, RevokedEntry};
pub use crl_octets::{CrlOctets, put_before};
pub use crl_tbs::{CrlPlan, CrlTbs};
pub(crate) use extensions::name_constraints;
pub use finish::{Issued, IssuedCrl, assemble};
pub use in_flight::{Held, InFlight};
pub use key_id::{ski_of, subject_key_id};
pub use linted::Linted;
pub use plan::{CertificatePlan, SignerIdentity};
pub use recorded::Recorded;
pub use request_tbs::RequestTbs;
pub use serial::new_serial;
pub use to_be_signed::ToBeSigned;
