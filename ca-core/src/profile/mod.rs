//! Certificate profiles: what each kind of certificate contains, who signs it and how long it lasts.
//!
//! One strict TOML document per profile (`policy/profiles/<name>.toml`) becomes a [`Profile`] through
//! one constructor; a bad one is refused with file, key and rule. Profiles name no dates: they refer
//! to the names in the dated policy ([`kasane_verify::policy`]).

mod build;
mod check;
mod config;
mod content;
mod definition;
mod embedded;
mod error;
mod extension;
mod names;
mod request;
mod set;
#[cfg(test)]
mod tests;
mod usage;
mod validity;

pub use config::ProfileConfig;
pub use definition::{AuthorityInfo, CANARY, HostNames, Profile, ProfileKind, SubjectForm};
pub use error::{ProfileError, ProfileFault};
pub use extension::{
    Criticality, ExtensionRow, ExtensionTable, KnownExtension, Presence, RELATED_CERTIFICATE_OID,
    Source,
};
pub use names::{DirectoryBase, NameConstraintsConfig};
pub use request::{Digest, IgnoredCsrExtensions, OidPattern, RequestRules};
pub use set::Profiles;
pub use validity::{Length, NotAfterQuestion, Validity, ValidityError};
