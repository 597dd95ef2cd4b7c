//! Who may do what.

use crate::{
    channel::Session,
    object::{ObjectInfo, ObjectKey, ObjectStore, StoredObject},
    protocol::{Capabilities, Capability, DeviceError, ObjectType},
};

/// What a session may do: taken from its authentication key when it began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grant {
    pub(super) session: u8,
    pub(super) key_id: u16,
    pub(super) domains: u16,
    pub(super) capabilities: Capabilities,
    pub(super) delegated: Capabilities,
}

impl Grant {
    pub(super) const fn of(number: u8, session: &Session) -> Self {
        Self {
            session: number,
            key_id: session.key_id,
            domains: session.domains,
            capabilities: session.capabilities,
            delegated: session.delegated,
        }
    }

    /// The session needs this capability.
    pub(super) const fn require(&self, capability: Capability) -> Result<(), DeviceError> {
        if self.capabilities.has(capability) {
            Ok(())
        } else {
            Err(DeviceError::InsufficientPermissions)
        }
    }

    /// An object in one of the session's domains; others are as if they were not there.
    pub(super) fn find<'a>(
        &self,
        objects: &'a ObjectStore,
        kind: ObjectType,
        id: u16,
    ) -> Result<&'a StoredObject, DeviceError> {
        objects
            .find(ObjectKey { kind, id })
            .filter(|object| self.sees(&object.info))
            .ok_or(DeviceError::ObjectNotFound)
    }

    /// An object that is asked to do something: session and object both need the capability.
    pub(super) fn find_for<'a>(
        &self,
        objects: &'a ObjectStore,
        kind: ObjectType,
        id: u16,
        capability: Capability,
    ) -> Result<&'a StoredObject, DeviceError> {
        self.require(capability)?;
        let object = self.find(objects, kind, id)?;
        if object.info.capabilities.has(capability) {
            Ok(object)
        } else {
            Err(DeviceError::InsufficientPermissions)
        }
    }

    /// Whether they share a domain.
    pub(super) const fn sees(&self, info: &ObjectInfo) -> bool {
        self.domains & info.domains != 0
    }

    /// A new object lives in the session's domains, in one at least, and can do and delegate
    /// nothing that was not delegated to the session.
    pub(super) const fn may_create(&self, info: &ObjectInfo) -> Result<(), DeviceError> {
        if info.domains == 0 {
            return Err(DeviceError::InvalidData);
        }
        if info.domains & !self.domains == 0
            && info.capabilities.within(self.delegated)
            && info.delegated.within(self.delegated)
        {
            Ok(())
        } else {
            Err(DeviceError::InsufficientPermissions)
        }
    }
}
