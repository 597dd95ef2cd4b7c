//! A command that works on devices with the credential of ceremonies.

use std::sync::Arc;

use kasane_hsm::config::Access;
use kasane_hsm::pool::Pool;
use kasane_web::control::Problem;

use crate::answer::Answer;
use crate::args::Global;
use crate::hardware::HardwareConfig;
use crate::session::{Session, folder_of_ceremony};

/// Holds the folder, opens the devices for ceremonies, and does the work; what the devices logged
/// of it is drained at the end.
pub(super) fn in_ceremony(
    global: &Global,
    work: impl FnOnce(&Session, &Arc<Pool>) -> Result<Answer, Problem>,
) -> Result<Answer, Problem> {
    let config = HardwareConfig::require(global)?;
    let folder = folder_of_ceremony(global)?;
    let session = Session::start_for_command(global, folder, Access::Ceremony)?;
    let pool = session.pool();
    let done = match &pool {
        Some(pool) => work(&session, pool),
        // The file went away since it was read.
        None => Err(Problem::file(
            "reading",
            &config.path,
            &std::io::ErrorKind::NotFound.into(),
        )),
    };
    drop(pool);
    session.stop();
    done
}
