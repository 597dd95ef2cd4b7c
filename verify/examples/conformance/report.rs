//! One line per case, and the totals.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::exceptions::{Exception, Exceptions};

/// What became of a case.
pub(crate) struct Outcome {
    pub(crate) id: String,
    pub(crate) expected: String,
    pub(crate) actual: String,
    pub(crate) reason: String,
}

#[derive(Default)]
struct Totals {
    cases: u32,
    passed: u32,
    excepted: u32,
    exempt: u32,
    unexpected: u32,
}

pub(crate) struct Report {
    exceptions: Exceptions,
    quiet: bool,
    file: String,
    started: Instant,
    slowest: (Duration, String),
    totals: Totals,
    unexpected: u32,
}

impl Report {
    pub(crate) fn new(exceptions: Exceptions, quiet: bool) -> Self {
        Self {
            exceptions,
            quiet,
            file: String::new(),
            started: Instant::now(),
            slowest: (Duration::ZERO, String::new()),
            totals: Totals::default(),
            unexpected: 0,
        }
    }

    pub(crate) fn begin(&mut self, file: &Path) {
        self.file = file.display().to_string();
        self.totals = Totals::default();
        self.slowest = (Duration::ZERO, String::new());
        self.started = Instant::now();
    }

    /// How many cases the file had so far.
    #[cfg(test)]
    pub(crate) const fn cases(&self) -> u32 {
        self.totals.cases
    }

    /// Judges one case with `judge`, unless it is exempt.
    pub(crate) fn case(&mut self, id: &str, judge: impl FnOnce() -> Outcome) {
        self.totals.cases += 1;
        if let Some(Exception::Exempt { reason }) = self.exceptions.find(id) {
            self.totals.exempt += 1;
            if !self.quiet {
                say(&format!("exempt      {id}  {reason}"));
            }
            return;
        }
        let start = Instant::now();
        let outcome = judge();
        let took = start.elapsed();
        if took > self.slowest.0 {
            self.slowest = (took, id.to_owned());
        }
        let same = outcome.expected == outcome.actual;
        let (verdict, note, shown) = match (self.exceptions.find(id), same) {
            (None, true) => ("ok", "", !self.quiet),
            (None, false) => ("UNEXPECTED", "", true),
            (Some(Exception::Differs { actual, reason }), false) if *actual == outcome.actual => {
                ("exception", reason.as_str(), !self.quiet)
            }
            (Some(_), false) => (
                "UNEXPECTED",
                "differs otherwise than its exception says",
                true,
            ),
            (Some(_), true) => ("UNEXPECTED", "passes although it is an exception", true),
        };
        match verdict {
            "ok" => self.totals.passed += 1,
            "exception" => self.totals.excepted += 1,
            _ => self.totals.unexpected += 1,
        }
        if shown {
            let Outcome {
                id,
                expected,
                actual,
                reason,
            } = outcome;
            let note = if note.is_empty() {
                String::new()
            } else {
                format!("  [{note}]")
            };
            say(&format!(
                "{verdict:<10}  {id}  expected {expected}  actual {actual}  {reason}{note}"
            ));
        }
    }

    pub(crate) fn end(&mut self) {
        let Totals {
            cases,
            passed,
            excepted,
            exempt,
            unexpected,
        } = self.totals;
        say(&format!(
            "{}: {cases} cases, {passed} as expected, {excepted} deliberate differences, \
             {exempt} exempt, {unexpected} unexpected ({:.0?}; slowest {} {:.1?})",
            self.file,
            self.started.elapsed(),
            self.slowest.1,
            self.slowest.0,
        ));
        self.unexpected += unexpected;
    }

    /// Whether everything was as expected.
    pub(crate) fn finish(&self) -> bool {
        self.unexpected == 0
    }
}

/// Whoever stops reading has seen enough; the exit status still says how it went.
fn say(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}
