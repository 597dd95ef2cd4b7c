//! Keys of different roles in different places.

use std::sync::Arc;

use kasane_verify::KeyAlgorithm;

use crate::{
    Attestation, BackendKind, Error, KeyBackend, KeyInfo, KeyLabel, KeyRole, RecordedQuarantine,
    SigningKey,
};

/// Sends some roles to a backend of their own: the keys of delegated OCSP signers, which are
/// short-lived, may live in software, so that status does not wait for a slow device.
#[derive(Debug)]
pub struct RoutedBackend {
    main: Arc<dyn KeyBackend>,
    roles: Vec<KeyRole>,
    beside: Arc<dyn KeyBackend>,
}

impl RoutedBackend {
    /// Keys of `roles` live in `beside`, all others in `main`.
    #[must_use]
    pub fn new(
        main: Arc<dyn KeyBackend>,
        roles: Vec<KeyRole>,
        beside: Arc<dyn KeyBackend>,
    ) -> Self {
        Self {
            main,
            roles,
            beside,
        }
    }

    fn of(&self, role: KeyRole) -> &dyn KeyBackend {
        if self.roles.contains(&role) {
            self.beside.as_ref()
        } else {
            self.main.as_ref()
        }
    }

    /// The error of the place that a key of this role would be in, unless it is known to have
    /// another role in the other place.
    fn check_other(&self, label: &KeyLabel, role: KeyRole) -> Result<(), Error> {
        let other: &dyn KeyBackend = if self.roles.contains(&role) {
            self.main.as_ref()
        } else {
            self.beside.as_ref()
        };
        let found = other.keys()?.into_iter().find(|info| info.label == *label);
        match found {
            Some(info) if info.role != role => Err(Error::RoleMismatch {
                label: label.clone(),
                has: info.role,
                asked: role,
            }),
            _ => Ok(()),
        }
    }
}

impl KeyBackend for RoutedBackend {
    /// That of the main backend, which holds the CA keys.
    fn kind(&self) -> BackendKind {
        self.main.kind()
    }

    fn describe(&self) -> String {
        let roles: Vec<_> = self.roles.iter().map(|role| role.as_str()).collect();
        let (main, beside) = (self.main.describe(), self.beside.describe());
        format!("{main}; keys of {} in {beside}", roles.join(", "))
    }

    fn generate(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, Error> {
        // One label names one key, wherever it lives.
        if let Some(info) = self.keys()?.into_iter().find(|info| info.label == *label) {
            return Err(Error::KeyExists {
                label: label.clone(),
                backend: self.of(info.role).describe(),
            });
        }
        self.of(role).generate(label, role, algorithm)
    }

    fn keys(&self) -> Result<Vec<KeyInfo>, Error> {
        let mut keys = self.main.keys()?;
        keys.extend(self.beside.keys()?);
        keys.sort_by(|a, b| a.label.cmp(&b.label));
        Ok(keys)
    }

    fn open(&self, label: &KeyLabel, role: KeyRole) -> Result<Arc<dyn SigningKey>, Error> {
        match self.of(role).open(label, role) {
            Err(error @ Error::KeyNotFound { .. }) => {
                self.check_other(label, role)?;
                Err(error)
            }
            answer => answer,
        }
    }

    fn attestation(&self, label: &KeyLabel) -> Result<Option<Attestation>, Error> {
        match self.main.attestation(label) {
            Err(Error::KeyNotFound { .. }) => self.beside.attestation(label),
            answer => answer,
        }
    }

    fn expect(&self, label: &KeyLabel, spki: &[u8]) {
        self.main.expect(label, spki);
        self.beside.expect(label, spki);
    }

    fn quarantine_recorded(&self, recorded: &[RecordedQuarantine]) {
        self.main.quarantine_recorded(recorded);
        self.beside.quarantine_recorded(recorded);
    }

    fn keeps_command_log(&self) -> bool {
        self.main.keeps_command_log() || self.beside.keeps_command_log()
    }

    fn logs_commands_of(&self, role: KeyRole) -> bool {
        self.of(role).keeps_command_log()
    }

    fn drain_command_logs(&self) -> Result<(), Error> {
        // Both, whatever the first says.
        let drained = self.beside.drain_command_logs();
        self.main.drain_command_logs().and(drained)
    }
}
