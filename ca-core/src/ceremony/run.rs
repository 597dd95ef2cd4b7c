//! Running a script, step by step.

use std::sync::Arc;

use kasane_hsm::DeviceIdentity;
use kasane_ledger_schema::Event;
use sha2::{Digest, Sha256};

use super::perform::{CHECKPOINT, Ceremony};
use super::{CeremonyError, Known, Plan, Planned, Script};
use crate::Error;
use crate::authority::Authority;
use crate::configuration::AuthorityConfig;
use crate::projection::{document, key as key_table};

/// What a step did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepReport {
    /// The step: `key root-ecc`, `certificate root-ecc-by-rsa`.
    pub step: String,
    /// What came of it.
    pub detail: String,
    /// Whether it had been done before.
    pub done_before: bool,
}

/// Publishes the first CRL of an issuer's shard; its number.
pub type Publish<'a> = dyn FnMut(&str, u32) -> Result<u64, Error> + 'a;

/// What a ceremony needs beside the script.
#[derive(Default)]
pub struct Surroundings<'a> {
    /// Reads a file that the script names.
    #[expect(clippy::type_complexity, reason = "a reader is called once per step")]
    pub read: Option<&'a dyn Fn(&str) -> Result<Vec<u8>, String>>,
    /// Publishes first CRLs. Without it none are, and the ceremony is not noted as complete.
    pub publish: Option<&'a mut Publish<'a>>,
    /// Name and identity of the devices that hold the keys.
    pub devices: &'a [(String, DeviceIdentity)],
    /// The rehearsal's plan: what differs from it is refused.
    pub plan: Option<&'a Plan>,
    /// End after the keys: what is rehearsed then has its real keys.
    pub only_keys: bool,
}

/// Runs every step that was not done yet; no files, no CRLs.
///
/// # Errors
/// As [`run_with`].
pub fn run(
    authority: &Authority,
    script_text: &str,
    report: &mut dyn FnMut(&StepReport),
) -> Result<(), Error> {
    run_with(authority, script_text, Surroundings::default(), report)
}

/// Runs every step that was not done yet. Whether it was is looked up for each step, so that an
/// interrupted ceremony goes on where it was.
///
/// # Errors
/// [`CeremonyError::OtherScript`] when the ceremony was begun with another script, other variants
/// for what does not fit the authority or the plan; otherwise the error of the step that failed.
/// Steps that were done stay done.
pub fn run_with(
    authority: &Authority,
    script_text: &str,
    surroundings: Surroundings<'_>,
    report: &mut dyn FnMut(&StepReport),
) -> Result<(), Error> {
    let script = Script::from_toml(script_text)?;
    let script_sha256: [u8; 32] = Sha256::digest(script_text.as_bytes()).into();
    same_authority(authority, &script.authority)?;
    let name = &script.ceremony.name;
    let recorded = document::find(authority.tables(), "ceremony-script", name)?;
    match recorded {
        Some(row)
            if row.sha256 != script_sha256
                && (script.begins() || has_done_steps(authority, &row)?) =>
        {
            return Err(CeremonyError::OtherScript {
                recorded: hex::encode(row.sha256),
            }
            .into());
        }
        Some(row) if row.sha256 == script_sha256 => {}
        // Of one that got nowhere nothing is left but its text: it may be corrected.
        _ => {
            check_needs(authority, &script)?;
            authority.adopt_document("ceremony-script", name, script_text)?;
        }
    }
    let complete = document::find(authority.tables(), CHECKPOINT, name)?.is_some();
    if let Some(plan) = surroundings.plan {
        if complete {
            return Err(CeremonyError::PlanUsed.into());
        }
        let origin = &authority.configuration().config().origin;
        plan.check(origin, &script_sha256, authority.now())?;
        let text = plan.to_toml()?;
        let plan_name = plan.sha256()?;
        if document::find(authority.tables(), "ceremony-plan", &plan_name)?.is_none() {
            authority.adopt_document("ceremony-plan", &plan_name, &text)?;
        }
        authority.follow(Some(Arc::new(Planned::bound(plan)?)));
    }
    let follows = surroundings.plan.is_some();
    let mut ceremony = Ceremony {
        authority,
        script_sha256,
        surroundings,
        report,
    };
    let result = ceremony.steps(&script, complete);
    if follows {
        authority.follow(None);
    }
    result
}

fn same_authority(authority: &Authority, config: &AuthorityConfig) -> Result<(), CeremonyError> {
    let began = authority.configuration().config();
    let other = |field, recorded: &dyn ToString| {
        Err(CeremonyError::OtherAuthority {
            field,
            recorded: recorded.to_string(),
        })
    };
    if began.mode != config.mode {
        return other("mode", &began.mode.as_str());
    }
    if began.origin != config.origin {
        return other("origin", &began.origin);
    }
    if began.organization != config.organization {
        return other("organization", &began.organization);
    }
    if began.operator_domain != config.operator_domain {
        return other("operator_domain", &began.operator_domain);
    }
    if began.status_url != config.status_url {
        return other("status_url", &began.status_url);
    }
    if began.timeline != config.timeline || began.check_digit != config.check_digit {
        return other("timeline or check_digit", &"another");
    }
    Ok(())
}

/// Whether a step of an adopted script was done.
fn has_done_steps(authority: &Authority, row: &document::DocumentRow) -> Result<bool, Error> {
    for index in row.index..authority.ledger().size() {
        if let Event::CeremonyStep(step) = authority.entry(index)?.event
            && step.script_sha256.as_bytes() == row.sha256
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A later ceremony may use what earlier ones made.
fn check_needs(authority: &Authority, script: &Script) -> Result<(), Error> {
    let keys = |label: &str| matches!(key_table::find(authority.tables(), label), Ok(Some(_)));
    let cas = |name: &str| authority.issuer(name).is_ok();
    Ok(script.check(&Known {
        key: &keys,
        ca: &cas,
    })?)
}
