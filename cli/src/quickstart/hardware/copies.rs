//! Keys of the first device in every other one.

use kasane_ca_core::Authority;
use kasane_hsm::pool::Pool;
use kasane_web::control::Problem;

use super::Say;
use crate::hardware::{clone_key, problem};

/// Clones every key of the first device to the others, unless they have it.
pub(crate) fn copy_keys(
    authority: &Authority,
    pool: &Pool,
    say: &mut Say<'_>,
) -> Result<(), Problem> {
    let mut devices = pool.devices();
    let Some(first) = devices.next() else {
        return Ok(());
    };
    for second in devices {
        let mut cloned = 0;
        for key in first.keys().map_err(problem)? {
            let copied = clone_key(authority, pool, &**first, &**second, &key.label)?;
            cloned += usize::from(!copied.there_before);
        }
        if cloned > 0 {
            say(&format!(
                "{cloned} keys cloned under the wrap key: {} to {}; either may fail",
                first.name(),
                second.name()
            ));
        }
    }
    Ok(())
}
