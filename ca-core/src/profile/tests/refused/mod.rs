//! Profiles that must be refused, each made from a good one by one change.

mod fields;
mod tables;

use super::*;

/// The error after replacing `from` by `to`, which must occur, in one embedded file.
fn error(file: &str, from: &str, to: &str) -> ProfileError {
    let mut files: Vec<(&str, String)> = Profiles::embedded_files()
        .iter()
        .map(|(name, text)| (*name, (*text).to_owned()))
        .collect();
    let changed = files.iter_mut().find(|(name, _)| *name == file).unwrap();
    assert!(changed.1.contains(from), "{file} has no {from}");
    changed.1 = changed.1.replacen(from, to, 1);
    Profiles::load(files.iter().map(|(name, text)| (*name, text.as_str())))
        .and_then(|profiles| profiles.check(overlap()))
        .unwrap_err()
}

#[track_caller]
fn refused(file: &str, from: &str, to: &str, key: &str, code: &str, rule: &str) {
    let error = error(file, from, to);
    assert_eq!((error.code(), error.key.as_str()), (code, key), "{error}");
    assert_eq!(error.file, file);
    let text = error.to_string();
    assert!(
        text.contains(rule) && text.contains(file) && text.contains(key),
        "{text}"
    );
}
