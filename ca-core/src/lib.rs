//! Every decision of the authority: profiles, registration, the issuance pipeline, the signing door.

pub mod key_quality;
pub mod registration;
pub mod request;
