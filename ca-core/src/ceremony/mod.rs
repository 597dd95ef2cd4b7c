//! A ceremony: from one reviewed script to an authority that may sign.
//!
//! A ceremony takes exactly one TOML document and nothing else, so that one document can be
//! reviewed. Each step looks first whether it was done: an interrupted ceremony goes on.

mod error;
mod run;
mod script;

pub use error::CeremonyError;
pub use run::{StepReport, run};
pub use script::{CertificateStep, CrossStep, KeyStep, OcspSignerStep, Script};
