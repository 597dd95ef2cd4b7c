//! A ceremony: from one reviewed script to an authority that may sign.
//!
//! A ceremony takes exactly one TOML document, and files that the document names with their
//! SHA-256, so that one document can be reviewed. Each step looks first whether it was done: an
//! interrupted ceremony goes on. A [`Rehearsal`] runs the same code in a scratch folder and shows
//! every byte that would be signed; a [`Plan`] holds the ceremony to these bytes.

mod artefact;
mod attestation_verdict;
mod carried;
mod error;
mod perform;
mod plan;
mod record;
mod rehearsal;
mod run;
mod script;
mod steps;
mod wrap_key_put;

pub use artefact::Artefact;
pub use attestation_verdict::AttestationVerdict;
pub use carried::{CarriedFile, carried};
pub use error::CeremonyError;
pub use plan::{MAX_PLAN_BYTES, Plan, Planned};
pub use record::{Record, RecordedEvent, record};
pub use rehearsal::Rehearsal;
pub use run::{Publish, StepReport, Surroundings, run, run_with};
pub use script::{FIRST_CEREMONY, Known, Script};
pub use steps::{
    CeremonyTable, CertificateStep, CrlStep, CrossStep, Custody, ImportCrlStep, ImportStep,
    KeyStep, OcspSignerStep, Participant, RequestStep,
};
pub use wrap_key_put::WrapKeyPut;
