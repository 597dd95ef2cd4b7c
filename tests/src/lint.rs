//! pkilint over many objects, against the written exceptions.

use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use serde::Deserialize;

use crate::tools::{Tool, root, text};

/// What kind of object, and its file (for a chain the issuer's first).
pub type Object = (&'static str, Vec<PathBuf>);

/// A finding of severity warning or above.
#[derive(Debug)]
pub struct Finding {
    /// The kind of object.
    pub kind: String,
    /// The object's name: its file without folder and ending.
    pub object: String,
    /// The part of the object.
    pub node: String,
    /// The linter's severity.
    pub severity: String,
    /// The linter's name of the rule.
    pub code: String,
    /// The linter's words.
    pub message: String,
}

/// A finding that is as it should be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    kind: String,
    code: String,
    /// Objects by name; a `*` at the end stands for any ending.
    objects: Vec<String>,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    #[serde(default)]
    exception: Vec<Exception>,
}

#[derive(Deserialize)]
struct Line {
    kind: String,
    path: PathBuf,
    findings: Vec<LineFinding>,
}

#[derive(Deserialize)]
struct LineFinding {
    node: String,
    severity: String,
    code: String,
    message: String,
}

/// Every finding of severity warning or above in `objects`.
///
/// # Panics
/// When the linter does not answer for each object.
#[must_use]
pub fn findings(objects: &[Object]) -> Vec<Finding> {
    let mut child = Tool::PkiLint
        .command()
        .arg(root().join("tests/pkilint_batch.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines: Vec<String> = objects
        .iter()
        .map(|(kind, paths)| {
            let paths: Vec<_> = paths.iter().map(|path| path.to_str().unwrap()).collect();
            format!("{kind}\t{}\n", paths.join("\t"))
        })
        .collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.concat().as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "pkilint failed: {}", text(&output));
    let answers: Vec<Line> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), objects.len(), "one answer for each object");
    answers
        .into_iter()
        .flat_map(|line| {
            let object = line
                .path
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned();
            let kind = line.kind;
            line.findings.into_iter().map(move |finding| Finding {
                kind: kind.clone(),
                object: object.clone(),
                node: finding.node,
                severity: finding.severity,
                code: finding.code,
                message: finding.message,
            })
        })
        .collect()
}

/// What is wrong with `findings` beside the exceptions in `text`: findings without an exception,
/// and exceptions of the linted kinds without a finding.
///
/// # Panics
/// When the exceptions cannot be read.
#[must_use]
pub fn judge(findings: &[Finding], kinds: &[&str], exceptions: &str) -> Vec<String> {
    let exceptions: Exceptions = toml::from_str(exceptions).unwrap();
    let covers = |exception: &Exception, finding: &Finding| {
        exception.kind == finding.kind
            && exception.code == finding.code
            && exception
                .objects
                .iter()
                .any(|object| match object.strip_suffix('*') {
                    Some(beginning) => finding.object.starts_with(beginning),
                    None => *object == finding.object,
                })
    };
    let mut wrong: Vec<String> = findings
        .iter()
        .filter(|finding| {
            !exceptions
                .exception
                .iter()
                .any(|known| covers(known, finding))
        })
        .map(|finding| {
            let Finding {
                kind,
                object,
                node,
                severity,
                code,
                message,
            } = finding;
            format!("{kind} {object}: {severity} {code} at {node}: {message}")
        })
        .collect();
    for exception in exceptions
        .exception
        .iter()
        .filter(|e| kinds.contains(&e.kind.as_str()))
    {
        if exception.reason.trim().len() < 20 {
            wrong.push(format!("exception {}: give its reason", exception.code));
        }
        if !findings.iter().any(|finding| covers(exception, finding)) {
            wrong.push(format!(
                "exception {} {} matches nothing any more: remove it",
                exception.kind, exception.code
            ));
        }
    }
    wrong
}
