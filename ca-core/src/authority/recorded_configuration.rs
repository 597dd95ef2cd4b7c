//! The configuration that the ceremony recorded.

use std::ops::ControlFlow;

use kasane_ledger::{Ledger, Options};
use kasane_ledger_schema::{Blob, Entry, Event};

use super::{Authority, documents};
use crate::configuration::AuthorityConfig;
use crate::folder::DataFolder;
use crate::{Error, blob};

/// It is adopted with the first entries; only what was accepted of devices' histories comes before.
const FIRST_ENTRIES: u64 = 4_096;

impl Authority {
    /// The configuration on record in `folder`, from the beginning of its ledger: without keys, and
    /// before the projection is there.
    ///
    /// # Errors
    /// [`Error::Ledger`]; [`Error::NotFound`] when nothing was begun.
    pub fn recorded_configuration(folder: &DataFolder) -> Result<AuthorityConfig, Error> {
        let opened = Ledger::open(&folder.ledger(), Options::default(), None)?;
        let mut found: Result<Option<Blob>, Error> = Ok(None);
        opened.entries(0, |index, bytes| {
            found = Entry::from_bytes(bytes)
                .map(|entry| match entry.event {
                    Event::DocumentAdopted(body) if body.kind == documents::CONFIGURATION => {
                        Some(body.content)
                    }
                    _ => None,
                })
                .map_err(Error::from);
            match found {
                Ok(None) if index < FIRST_ENTRIES => ControlFlow::Continue(()),
                _ => ControlFlow::Break(()),
            }
        })?;
        let missing = || Error::NotFound {
            kind: "document",
            name: documents::CONFIGURATION.to_owned(),
            hint: "",
        };
        let content = found?
            .as_ref()
            .and_then(blob::reference)
            .ok_or_else(missing)?;
        let text = String::from_utf8(opened.blob(&content)?).map_err(|_| missing())?;
        read(&text)
    }
}

/// Reads the recorded text.
pub(super) fn read(text: &str) -> Result<AuthorityConfig, Error> {
    toml::from_str(text).map_err(|error| Error::BadArgument {
        what: "recorded configuration",
        reason: error.to_string(),
    })
}
