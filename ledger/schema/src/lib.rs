//! What the ledger's entries say: entry types and their canonical encoding (DER, version first).
//!
//! An auditor replays a ledger with this crate and `kasane-verify`, without the CA. An entry is
//!
//! ```text
//! Entry ::= SEQUENCE {
//!     version   INTEGER (0),
//!     time      INTEGER,        -- seconds since 1970-01-01T00:00:00Z
//!     actor     UTF8String,     -- who caused it
//!     kind      INTEGER,        -- names the type of the body
//!     body      OCTET STRING }  -- DER of that type
//! ```
//!
//! so that a reader can pass over a kind it does not know and still check every hash.

pub mod body;
pub mod entry;
pub mod event;

pub use body::*;
pub use entry::{DecodeError, Entry, MAX_ENTRY_BYTES};
pub use event::{Event, Kind};
