//! What had to be left out.

use std::fs::OpenOptions;
use std::io::Write;

/// Notes by name what is left out; `./test` repeats it in its summary.
#[expect(clippy::disallowed_methods, reason = "how ./test hears from the tests")]
pub(crate) fn skip(what: &str) {
    eprintln!("SKIPPED: {what}");
    if let Some(report) = std::env::var_os("KASANE_SKIP_REPORT") {
        let mut report = OpenOptions::new()
            .append(true)
            .create(true)
            .open(report)
            .unwrap();
        writeln!(report, "{what}").unwrap();
    }
}
