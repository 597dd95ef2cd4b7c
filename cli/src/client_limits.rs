//! `DIR/limits.toml` for the two programs that serve status.

use std::path::Path;

use kasane_web::control::{ExitClass, Problem};
use kasane_web::status::LimitSettings;

/// What clients may take, as the operator of `dir` wants it.
pub(crate) fn load(dir: &Path) -> Result<LimitSettings, Problem> {
    LimitSettings::load(dir)
        .map_err(|error| Problem::new(ExitClass::Refused, "limits.settings", error.to_string()))
}
