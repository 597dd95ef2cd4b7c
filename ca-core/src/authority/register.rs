//! Who may hold certificates.

use kasane_ledger_schema::{
    FacilityRegistered, OperatorRegistered, SystemRegistered, TerminalCapability,
};

use super::Authority;
use super::reason::check_reason;
use crate::projection::registration;
use crate::registration::{FacilityCode, Identifier, SystemRegistration, TerminalNumber};
use crate::{Actor, Error};

impl Authority {
    /// Registers a facility with terminals 1 to `terminals`; a larger number later adds terminals.
    ///
    /// # Errors
    /// [`Error::Exists`] when it has that many terminals or more already;
    /// [`Error::BadArgument`] for a number outside 1 to 9999.
    pub fn register_facility(
        &self,
        actor: &Actor,
        code: &FacilityCode,
        terminals: u16,
    ) -> Result<u64, Error> {
        self.ensure_running()?;
        TerminalNumber::new(terminals)?;
        let _held = self.in_flight.hold(format!("facility/{}", code.as_str()));
        let known = registration::facility(self.tables(), code.as_str())?;
        if known.is_some_and(|row| row.terminals >= u32::from(terminals)) {
            return Err(Error::Exists {
                kind: "facility",
                name: code.as_str().to_owned(),
            });
        }
        let event = FacilityRegistered {
            code: code.as_str().to_owned(),
            terminals: terminals.into(),
        };
        self.append(actor, event.into())
    }

    /// Records what a terminal's hardware can do: RSA renewals depend on it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when facility or terminal are not registered.
    pub fn record_terminal_capability(
        &self,
        actor: &Actor,
        code: &FacilityCode,
        terminal: TerminalNumber,
        ecc_capable: bool,
        reason: &str,
    ) -> Result<u64, Error> {
        self.ensure_running()?;
        self.require_terminal(code, terminal)?;
        check_reason(reason, "why: model, firmware, report")?;
        let event = TerminalCapability {
            facility: code.as_str().to_owned(),
            terminal: terminal.value().into(),
            ecc_capable,
            reason: reason.to_owned(),
        };
        self.append(actor, event.into())
    }

    /// Registers a server or a system client.
    ///
    /// # Errors
    /// [`Error::Exists`].
    pub fn register_system(
        &self,
        actor: &Actor,
        system: &SystemRegistration,
    ) -> Result<u64, Error> {
        self.ensure_running()?;
        let name = system.name().as_str();
        for dns_name in system.dns_names() {
            self.require_domain(dns_name.as_str())?;
        }
        let _held = self.in_flight.hold(format!("system/{name}"));
        if registration::system(self.tables(), name)?.is_some() {
            return Err(Error::Exists {
                kind: "system",
                name: name.to_owned(),
            });
        }
        let event = SystemRegistered {
            name: name.to_owned(),
            dns_names: system.dns_names().iter().map(ToString::to_string).collect(),
            server: system.is_server(),
            client: system.is_client(),
        };
        self.append(actor, event.into())
    }

    /// Registers a member of staff; `person` (name, contact) goes to the private log.
    ///
    /// # Errors
    /// [`Error::Exists`].
    pub fn register_operator(
        &self,
        actor: &Actor,
        operator: &Identifier,
        person: Option<&str>,
    ) -> Result<u64, Error> {
        self.ensure_running()?;
        let name = operator.as_str();
        let _held = self.in_flight.hold(format!("operator/{name}"));
        if registration::operator(self.tables(), name)?.is_some() {
            return Err(Error::Exists {
                kind: "operator",
                name: name.to_owned(),
            });
        }
        let index = self.append(
            actor,
            OperatorRegistered {
                name: name.to_owned(),
            }
            .into(),
        )?;
        if let Some(person) = person {
            self.keep_private(actor, &format!("operator/{name}"), person)?;
        }
        Ok(index)
    }

    /// The issuing CA for servers is constrained to the operator's domain, and so is every server.
    pub(super) fn require_domain(&self, dns_name: &str) -> Result<(), Error> {
        let domain = self.configuration.naming.operator().as_str();
        let below = dns_name.strip_suffix(domain);
        if below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.')) {
            return Ok(());
        }
        Err(Error::NameOutsideDomain {
            name: dns_name.to_owned(),
            domain: domain.to_owned(),
        })
    }

    pub(super) fn require_terminal(
        &self,
        code: &FacilityCode,
        terminal: TerminalNumber,
    ) -> Result<(), Error> {
        let facility = registration::facility(self.tables(), code.as_str())?.ok_or_else(|| {
            Error::NotFound {
                kind: "facility",
                name: code.as_str().to_owned(),
                hint: ": register it with 'kasane facility add'",
            }
        })?;
        if u32::from(terminal.value()) > facility.terminals {
            return Err(Error::NotFound {
                kind: "terminal",
                name: format!("{}/{}", code.as_str(), terminal.value()),
                hint: ": register more terminals with 'kasane facility add CODE --terminals N'",
            });
        }
        Ok(())
    }
}
