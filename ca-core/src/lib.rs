//! Every decision of the authority: profiles, registration, the issuance pipeline, the signing door.

pub mod profile;
