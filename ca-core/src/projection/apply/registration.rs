//! Who may hold certificates.

use kasane_ledger_schema::{
    FacilityRegistered, OperatorRegistered, SystemRegistered, TerminalCapability,
};

use super::{ApplyError, Step};
use crate::projection::registration::{self, FacilityRow, OperatorRow, SystemRow, TerminalRow};

impl Step<'_, '_> {
    pub(super) fn facility_registered(
        &mut self,
        body: FacilityRegistered,
    ) -> Result<(), ApplyError> {
        let row = FacilityRow {
            code: body.code,
            terminals: body.terminals,
            registered: self.time,
        };
        Ok(registration::put_facility(self.view, &row)?)
    }

    pub(super) fn terminal_capability(
        &mut self,
        body: TerminalCapability,
    ) -> Result<(), ApplyError> {
        let (facility, terminal) = (body.facility, body.terminal);
        let row = TerminalRow {
            ecc_capable: body.ecc_capable,
            reason: body.reason,
        };
        let view = &mut *self.view;
        Ok(registration::put_terminal(view, &facility, terminal, &row)?)
    }

    pub(super) fn system_registered(&mut self, body: SystemRegistered) -> Result<(), ApplyError> {
        let row = SystemRow {
            name: body.name,
            dns_names: body.dns_names,
            server: body.server,
            client: body.client,
            registered: self.time,
        };
        Ok(registration::put_system(self.view, &row)?)
    }

    pub(super) fn operator_registered(
        &mut self,
        body: OperatorRegistered,
    ) -> Result<(), ApplyError> {
        let row = OperatorRow {
            name: body.name,
            registered: self.time,
        };
        Ok(registration::put_operator(self.view, &row)?)
    }
}
