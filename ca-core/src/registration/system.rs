//! Servers and systems that call servers.

use super::{DnsName, Holder, Identifier, Identity, RegistrationError, TerminalNumber};

/// What is registered of a system: what its certificates may say and be used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemRegistration {
    name: Identifier,
    dns_names: Vec<DnsName>,
    server: bool,
    client: bool,
}

impl SystemRegistration {
    /// Most DNS names of one system: keeps certificates small enough for a TLS flight.
    pub const MAX_DNS_NAMES: usize = 32;

    /// `server`: may hold certificates for TLS servers; `client`: for calling servers.
    ///
    /// # Errors
    /// [`RegistrationError::SystemWithoutUse`], `ServerWithoutName`, `TooManyNames` or
    /// `DuplicateName`.
    pub fn new(
        name: Identifier,
        dns_names: Vec<DnsName>,
        server: bool,
        client: bool,
    ) -> Result<Self, RegistrationError> {
        let text = || name.to_string();
        if !server && !client {
            return Err(RegistrationError::SystemWithoutUse { name: text() });
        }
        if server && dns_names.is_empty() {
            return Err(RegistrationError::ServerWithoutName { name: text() });
        }
        if dns_names.len() > Self::MAX_DNS_NAMES {
            return Err(RegistrationError::TooManyNames {
                name: text(),
                count: dns_names.len(),
                limit: Self::MAX_DNS_NAMES,
            });
        }
        let mut seen = std::collections::BTreeSet::new();
        if let Some(twice) = dns_names
            .iter()
            .find(|dns_name| !seen.insert(dns_name.as_str()))
        {
            return Err(RegistrationError::DuplicateName {
                name: text(),
                dns_name: twice.to_string(),
            });
        }
        Ok(Self {
            name,
            dns_names,
            server,
            client,
        })
    }

    /// The system's identifier.
    #[must_use]
    pub const fn name(&self) -> &Identifier {
        &self.name
    }

    /// Its host names, in the order given.
    #[must_use]
    pub fn dns_names(&self) -> &[DnsName] {
        &self.dns_names
    }

    /// Whether it may hold server certificates.
    #[must_use]
    pub const fn is_server(&self) -> bool {
        self.server
    }

    /// Whether it may hold client certificates.
    #[must_use]
    pub const fn is_client(&self) -> bool {
        self.client
    }

    /// The identity of one of its machines.
    #[must_use]
    pub fn identity(&self, number: TerminalNumber) -> Identity {
        Identity::new(Holder::System(self.name.clone()), number)
    }
}
