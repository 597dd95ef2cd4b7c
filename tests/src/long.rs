//! The short and the long form.

/// Whether `./test --long` runs.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "how ./test speaks to the tests")]
pub fn is_long() -> bool {
    std::env::var("KASANE_LONG").is_ok_and(|value| value == "1")
}

/// `short`, or `long` in the long form.
#[must_use]
pub fn choose<T>(short: T, long: T) -> T {
    if is_long() { long } else { short }
}
