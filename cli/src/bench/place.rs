//! Where a benchmark over many certificates finds them.

use std::path::{Path, PathBuf};

use super::sample::workplace;
use super::{BenchError, BenchOptions};

/// A folder that was filled before, by `bench populate`, or a new one that ends with the benchmark.
pub(super) enum Place {
    Filled(PathBuf),
    New {
        dir: PathBuf,
        _ends: tempfile::TempDir,
    },
}

impl Place {
    pub(super) fn of(options: &BenchOptions) -> Result<Self, BenchError> {
        let given = options.dir.as_ref();
        if let Some(dir) = given.filter(|dir| dir.join("ledger").exists()) {
            return Ok(Self::Filled(dir.clone()));
        }
        let place = workplace(options.dir.as_deref())?;
        Ok(Self::New {
            dir: place.path().join("data"),
            _ends: place,
        })
    }

    pub(super) fn dir(&self) -> &Path {
        match self {
            Self::Filled(dir) | Self::New { dir, .. } => dir,
        }
    }

    pub(super) const fn is_filled(&self) -> bool {
        matches!(self, Self::Filled(_))
    }
}
