//! Whether a key is one that the token made and that never could leave it.

use cryptoki::object::{Attribute, AttributeType, ObjectHandle};

use super::fault::Fault;
use super::token::Lane;
use crate::{BackendKind, Error, KeyLabel};

/// What each key of ours is told to be.
const TOLD: [Attribute; 2] = [Attribute::Sensitive(true), Attribute::Extractable(false)];

/// What a token says by itself of a key that it made so (PKCS#11 3.1, "Private key objects"). Whoever
/// puts a known key into a token can set the former, but none of these. A token that does not know one
/// of them says nothing of it.
const SHOWN: [Attribute; 3] = [
    Attribute::Local(true),
    Attribute::AlwaysSensitive(true),
    Attribute::NeverExtractable(true),
];

impl Lane<'_> {
    /// A key of our names that was put there before, by whoever could, must not pass for one that
    /// was made. Keys in software are nobody's secret anyway: they are only warned of.
    ///
    /// # Errors
    /// [`Error::KeyUnprotected`].
    pub(super) fn check_own_protection(
        &self,
        handle: ObjectHandle,
        label: &KeyLabel,
    ) -> Result<(), Fault> {
        let told = self.protection(handle)?;
        let of = |wanted: &Attribute| {
            let mut told = told.iter();
            told.find(|it| it.attribute_type() == wanted.attribute_type())
        };
        let lacks = |wanted: &&Attribute| of(wanted) != Some(*wanted);
        let denies = |wanted: &&Attribute| of(wanted).is_some_and(|told| told != *wanted);
        let missing: Vec<_> = TOLD
            .iter()
            .filter(lacks)
            .chain(SHOWN.iter().filter(denies))
            .map(|wanted| wanted.attribute_type().to_string())
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let facts = &self.connection.facts;
        let error = Error::KeyUnprotected {
            label: label.clone(),
            backend: facts.to_string(),
            reason: format!("the token does not vouch for {}", missing.join(", ")),
        };
        if facts.kind == BackendKind::Software {
            tracing::warn!(key_backend = %facts, key = %label, "{error}");
            return Ok(());
        }
        Err(error.into())
    }

    /// A key that another program made is taken as it is; what it is goes to the log.
    pub(super) fn note_foreign_protection(
        &self,
        handle: ObjectHandle,
        label: &KeyLabel,
    ) -> Result<(), Fault> {
        let told = self.protection(handle)?;
        tracing::info!(
            key_backend = %self.connection.facts, key = %label, attributes = ?told,
            "key that another program made"
        );
        Ok(())
    }

    fn protection(&self, handle: ObjectHandle) -> Result<Vec<Attribute>, Fault> {
        let types: Vec<AttributeType> = TOLD
            .iter()
            .chain(&SHOWN)
            .map(Attribute::attribute_type)
            .collect();
        Ok(self.session.get_attributes(handle, &types)?)
    }
}
