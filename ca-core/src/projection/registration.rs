//! Who may hold certificates.

use serde::{Deserialize, Serialize};

use super::row;
use super::view::{self, View};
use crate::store::{StoreError, Table, Tables};

/// A facility.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacilityRow {
    /// Its code.
    pub code: String,
    /// How many terminals it has.
    pub terminals: u32,
    /// When it was registered, seconds since the epoch.
    pub registered: i64,
}

/// What a terminal can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalRow {
    /// Whether it can use elliptic-curve keys.
    pub ecc_capable: bool,
    /// Why that is believed.
    pub reason: String,
}

/// A server or a system client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemRow {
    /// Its identifier.
    pub name: String,
    /// The DNS names of its servers.
    pub dns_names: Vec<String>,
    /// Whether it may hold server certificates.
    pub server: bool,
    /// Whether it may hold client certificates.
    pub client: bool,
    /// When it was registered, seconds since the epoch.
    pub registered: i64,
}

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorRow {
    /// The identifier.
    pub name: String,
    /// When it was registered, seconds since the epoch.
    pub registered: i64,
}

macro_rules! table_of {
    ($find:ident, $all:ident, $put:ident, $row:ty, $table:expr, $field:ident) => {
        /// The registration of that name.
        ///
        /// # Errors
        /// [`StoreError`].
        pub fn $find(tables: &dyn Tables, name: &str) -> Result<Option<$row>, StoreError> {
            view::read(tables, $table, name.as_bytes())
        }

        /// Every registration, by name; `false` ends the visit.
        ///
        /// # Errors
        /// [`StoreError`].
        pub fn $all(
            tables: &dyn Tables,
            visit: &mut dyn FnMut($row) -> bool,
        ) -> Result<(), StoreError> {
            view::scan(tables, $table, &[], &[], &mut |_, row| visit(row))
        }

        pub(super) fn $put(view: &mut View<'_>, row: &$row) -> Result<(), StoreError> {
            view.put($table, row.$field.as_bytes().to_vec(), row)
        }
    };
}

table_of!(
    facility,
    facilities,
    put_facility,
    FacilityRow,
    Table::Facilities,
    code
);
table_of!(system, systems, put_system, SystemRow, Table::Systems, name);
table_of!(
    operator,
    operators,
    put_operator,
    OperatorRow,
    Table::Operators,
    name
);

/// What is known of a terminal's hardware.
///
/// # Errors
/// [`StoreError`].
pub fn terminal(
    tables: &dyn Tables,
    facility: &str,
    terminal: u32,
) -> Result<Option<TerminalRow>, StoreError> {
    view::read(tables, Table::Terminals, &terminal_key(facility, terminal))
}

pub(super) fn put_terminal(
    view: &mut View<'_>,
    facility: &str,
    terminal: u32,
    row: &TerminalRow,
) -> Result<(), StoreError> {
    view.put(Table::Terminals, terminal_key(facility, terminal), row)
}

fn terminal_key(facility: &str, terminal: u32) -> Vec<u8> {
    let mut key = row::prefix(facility);
    key.extend_from_slice(&terminal.to_be_bytes());
    key
}
