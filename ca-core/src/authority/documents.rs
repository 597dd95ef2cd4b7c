//! Documents in force, kept as blobs of the ledger.

use kasane_ledger::{BlobRef, Ledger};
use kasane_ledger_schema::{DocumentAdopted, Event};

use crate::Error;
use crate::blob;
use crate::projection::document;
use crate::store::Tables;
use crate::{Actor, Authority};

/// The kind of a policy timeline.
pub(crate) const TIMELINE: &str = "timeline";
/// The kind of a profile.
pub(crate) const PROFILE: &str = "profile";
/// The kind of the authority's configuration.
pub(crate) const CONFIGURATION: &str = "configuration";
/// The kind of a ceremony script.
pub(crate) const CEREMONY_SCRIPT: &str = "ceremony-script";

/// Makes `text` durable as a blob and returns the event that adopts it.
pub(crate) fn adopt(ledger: &Ledger, kind: &str, name: &str, text: &str) -> Result<Event, Error> {
    Ok(Event::DocumentAdopted(DocumentAdopted {
        kind: kind.to_owned(),
        name: name.to_owned(),
        content: blob::put(ledger, text.as_bytes())?,
    }))
}

/// The text of the document in force.
pub(crate) fn text(
    ledger: &Ledger,
    tables: &dyn Tables,
    kind: &'static str,
    name: &str,
) -> Result<String, Error> {
    let missing = || Error::NotFound {
        kind: "document",
        name: format!("{kind} {name}"),
        hint: "",
    };
    let row = document::find(tables, kind, name)?.ok_or_else(missing)?;
    let sha256 = row.sha256.as_slice().try_into().map_err(|_| missing())?;
    let bytes = ledger.blob(&BlobRef {
        sha256,
        length: row.length_bytes,
    })?;
    String::from_utf8(bytes).map_err(|_| missing())
}

impl Authority {
    /// Adopts a document of a ceremony.
    pub(crate) fn adopt_document(&self, kind: &str, name: &str, text: &str) -> Result<u64, Error> {
        let event = adopt(&self.ledger, kind, name, text)?;
        self.append(&Actor::ceremony(), event)
    }

    /// The text of a document in force.
    ///
    /// # Errors
    /// [`Error::NotFound`] or [`Error::Ledger`].
    pub fn document_text(&self, kind: &'static str, name: &str) -> Result<String, Error> {
        text(&self.ledger, self.tables(), kind, name)
    }
}
