//! Key objects on a token: which are ours, and how they are found.
//!
//! A key of ours has its label as `CKA_LABEL` and the ASCII text `<role>/<label>` as `CKA_ID`, so
//! that the role travels with the key through a vendor's backup. Keys that were there before are
//! named in the configuration, role included.

use std::collections::BTreeMap;
use std::sync::Arc;

use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;

use super::fault::Fault;
use super::public_key;
use super::token::Lane;
use crate::config::ForeignKey;
use crate::{Error, KeyInfo, KeyLabel, KeyRole};

/// A private key on the token.
#[derive(Debug)]
pub(super) struct KeyObject {
    pub(super) handle: ObjectHandle,
    /// `CKA_ID`.
    pub(super) id: Vec<u8>,
    pub(super) info: KeyInfo,
}

/// A key that another program made.
#[derive(Clone, Debug)]
pub(super) struct Foreign {
    pub(super) label: KeyLabel,
    role: KeyRole,
    id: Option<Vec<u8>>,
    device_label: Option<String>,
}

impl Foreign {
    /// Reads a table of the configuration.
    ///
    /// # Errors
    /// [`Error::BadLabel`], [`Error::UnknownRole`], or [`Error::WrongDevice`].
    pub(super) fn read(key: &ForeignKey) -> Result<Self, Error> {
        let label = KeyLabel::new(key.label.as_str())?;
        let refused = |reason: &str| Error::WrongDevice {
            backend: format!("key {:?} of the configuration", key.label),
            reason: reason.to_owned(),
        };
        let id = match &key.device_id {
            Some(text) => match hex::decode(text) {
                Ok(id) if !id.is_empty() => Some(id),
                _ => return Err(refused("device_id is not hexadecimal")),
            },
            None if key.device_label.is_none() => {
                return Err(refused("neither device_id nor device_label is there"));
            }
            None => None,
        };
        Ok(Self {
            label,
            role: key.role.parse()?,
            id,
            device_label: key.device_label.clone(),
        })
    }

    fn template(&self) -> Vec<Attribute> {
        let id = self.id.clone().map(Attribute::Id);
        let label = self.device_label.clone();
        let label = label.map(|label| Attribute::Label(label.into_bytes()));
        id.into_iter().chain(label).collect()
    }
}

/// The `CKA_ID` of a key of ours.
pub(super) fn id_of(role: KeyRole, label: &KeyLabel) -> Vec<u8> {
    format!("{role}/{label}").into_bytes()
}

fn read_id(id: &[u8]) -> Option<(KeyRole, KeyLabel)> {
    let (role, label) = std::str::from_utf8(id).ok()?.split_once('/')?;
    Some((role.parse().ok()?, KeyLabel::new(label).ok()?))
}

/// Token objects of a class.
pub(super) fn find(
    session: &Session,
    class: ObjectClass,
    mut template: Vec<Attribute>,
) -> Result<Vec<ObjectHandle>, Fault> {
    template.push(Attribute::Class(class));
    template.push(Attribute::Token(true));
    Ok(session.find_objects(&template)?)
}

/// `CKA_LABEL` and `CKA_ID`, empty where there is none.
fn names(session: &Session, handle: ObjectHandle) -> Result<(Vec<u8>, Vec<u8>), Fault> {
    let mut names = (Vec::new(), Vec::new());
    for attribute in session.get_attributes(handle, &[AttributeType::Label, AttributeType::Id])? {
        match attribute {
            Attribute::Label(label) => names.0 = label,
            Attribute::Id(id) => names.1 = id,
            _ => {}
        }
    }
    Ok(names)
}

impl Lane<'_> {
    /// The key of that label, looked up once per connection.
    pub(super) fn key(
        &self,
        label: &KeyLabel,
        foreign: &[Foreign],
    ) -> Result<Option<Arc<KeyObject>>, Fault> {
        if let Some(key) = self.connection.objects.read().get(label) {
            return Ok(Some(Arc::clone(key)));
        }
        let found = match foreign.iter().find(|key| key.label == *label) {
            Some(key) => self.foreign_key(key)?,
            None => self.own_key(label)?,
        };
        let found = found.map(Arc::new);
        if let Some(key) = &found {
            let mut objects = self.connection.objects.write();
            objects.insert(label.clone(), Arc::clone(key));
        }
        Ok(found)
    }

    /// Every key of ours and of the configuration, by label.
    pub(super) fn keys(&self, foreign: &[Foreign]) -> Result<Vec<Arc<KeyObject>>, Fault> {
        let mut labels = BTreeMap::new();
        for handle in find(&self.session, ObjectClass::PRIVATE_KEY, Vec::new())? {
            let (label, id) = names(&self.session, handle)?;
            if let Some((_, known)) = read_id(&id)
                && known.as_str().as_bytes() == label
            {
                labels.insert(known, ());
            }
        }
        for key in foreign {
            if labels.insert(key.label.clone(), ()).is_some() {
                return Err(ambiguous(&key.label).into());
            }
        }
        let mut keys = Vec::new();
        for label in labels.keys() {
            keys.extend(self.key(label, foreign)?);
        }
        Ok(keys)
    }

    /// Private keys of ours with that label: more than one only while two processes make it.
    fn own_handles(&self, label: &KeyLabel) -> Result<Vec<(ObjectHandle, KeyRole)>, Fault> {
        let template = vec![Attribute::Label(label.as_str().as_bytes().to_vec())];
        let mut own = Vec::new();
        for handle in find(&self.session, ObjectClass::PRIVATE_KEY, template)? {
            let (_, id) = names(&self.session, handle)?;
            if let Some((role, known)) = read_id(&id)
                && known == *label
            {
                own.push((handle, role));
            }
        }
        Ok(own)
    }

    fn own_key(&self, label: &KeyLabel) -> Result<Option<KeyObject>, Fault> {
        match self.own_handles(label)?.as_slice() {
            [] => Ok(None),
            [(handle, role)] => {
                self.check_own_protection(*handle, label)?;
                self.describe_key(*handle, id_of(*role, label), label, *role)
                    .map(Some)
            }
            _ => Err(ambiguous(label).into()),
        }
    }

    fn foreign_key(&self, key: &Foreign) -> Result<Option<KeyObject>, Fault> {
        match find(&self.session, ObjectClass::PRIVATE_KEY, key.template())?.as_slice() {
            [] => Ok(None),
            [handle] => {
                let (_, id) = names(&self.session, *handle)?;
                self.note_foreign_protection(*handle, &key.label)?;
                self.describe_key(*handle, id, &key.label, key.role)
                    .map(Some)
            }
            _ => Err(ambiguous(&key.label).into()),
        }
    }

    fn describe_key(
        &self,
        handle: ObjectHandle,
        id: Vec<u8>,
        label: &KeyLabel,
        role: KeyRole,
    ) -> Result<KeyObject, Fault> {
        let (algorithm, spki) = public_key::read(&self.session, handle, &id, label)?;
        Ok(KeyObject {
            handle,
            id,
            info: KeyInfo {
                label: label.clone(),
                role,
                algorithm,
                spki,
            },
        })
    }
}

fn ambiguous(label: &KeyLabel) -> Error {
    Error::Damaged {
        label: label.clone(),
        reason: "the token holds several private keys of this name",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_and_label_are_read_back_from_the_id() {
        let label = KeyLabel::new("issuing-ecc").unwrap();
        for role in KeyRole::ALL {
            let id = id_of(role, &label);
            assert_eq!(read_id(&id), Some((role, label.clone())));
        }
        for other in [
            &b"\x01"[..],
            b"issuing-ecc",
            b"queen/x",
            b"root-ca/",
            b"root-ca/A",
        ] {
            assert_eq!(read_id(other), None);
        }
    }
}
