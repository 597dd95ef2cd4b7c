//! The embedded profiles, what follows from them, and profiles that must be refused.

mod contents;
mod properties;
mod refused;

use std::sync::LazyLock;

use kasane_verify::policy::Timeline;
use kasane_verify::{KeyAlgorithm, UnixTime};

use super::*;

fn overlap() -> &'static Timeline {
    static OVERLAP: LazyLock<Timeline> = LazyLock::new(|| Timeline::overlap().unwrap());
    &OVERLAP
}

fn embedded() -> &'static Profiles {
    static EMBEDDED: LazyLock<Profiles> = LazyLock::new(|| Profiles::embedded().unwrap());
    &EMBEDDED
}

fn profile(name: &str) -> &'static Profile {
    embedded().get(name).unwrap()
}

fn t(text: &str) -> UnixTime {
    text.parse().unwrap()
}
