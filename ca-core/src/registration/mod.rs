//! Who can hold a certificate, and under which names. Pure types: no storage.

mod code;
mod dns_name;
mod error;
mod facility_code;
mod identity;
mod naming;
mod system;

pub use code::{Identifier, InsurerCode, MunicipalityCode, TerminalNumber};
pub use dns_name::{DnsName, Wildcard};
pub use error::RegistrationError;
pub use facility_code::{CheckDigit, FacilityCategory, FacilityCode};
pub use identity::{Holder, HolderKind, Identity};
pub use naming::Naming;
pub use system::SystemRegistration;

#[cfg(test)]
mod tests;
