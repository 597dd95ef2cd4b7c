//! The public suites, which are not part of this project.

use std::path::{Path, PathBuf};

use crate::skip::skip;

/// Their folder of that kind: below `KASANE_VECTORS`, or beside the repository. Without it the check
/// is reported as skipped, as `what`.
#[expect(
    clippy::disallowed_methods,
    reason = "the test run says where the suites are"
)]
pub(crate) fn vectors(kind: &str, what: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("KASANE_VECTORS").map_or_else(
        || {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
            root.unwrap().join("shared").join("vectors")
        },
        PathBuf::from,
    );
    let folder = folder.join(kind);
    if folder.is_dir() {
        return Some(folder);
    }
    skip(what);
    None
}
