//! All objects.

use std::collections::BTreeMap;

use super::{ObjectInfo, ObjectKey, StoredObject};
use crate::{
    protocol::{DeviceError, ObjectType},
    random,
};

/// Objects that there may be (YubiHSM Core Concepts, "Object").
pub const MAX_OBJECTS: usize = 256;
/// Pages for their content and the octets of one: 126 KB in all.
const PAGES: usize = 1024;
const PAGE_BYTES: usize = 126;

/// What GET STORAGE INFO tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StorageInfo {
    /// Places for objects.
    pub total_records: u16,
    /// Places that are free.
    pub free_records: u16,
    /// Pages.
    pub total_pages: u16,
    /// Pages that are free.
    pub free_pages: u16,
    /// Octets of a page.
    pub page_bytes: u16,
}

/// Objects by type and id, and how often each name was used.
#[derive(Clone, Default)]
pub struct ObjectStore {
    objects: BTreeMap<ObjectKey, StoredObject>,
    sequences: BTreeMap<ObjectKey, u8>,
}

impl ObjectStore {
    /// Puts objects back that were saved.
    #[must_use]
    pub fn restore(
        objects: impl IntoIterator<Item = StoredObject>,
        sequences: BTreeMap<ObjectKey, u8>,
    ) -> Self {
        Self {
            objects: objects.into_iter().map(|one| (one.info.key, one)).collect(),
            sequences,
        }
    }

    /// How often each name was used.
    #[must_use]
    pub const fn sequences(&self) -> &BTreeMap<ObjectKey, u8> {
        &self.sequences
    }

    /// Every key signs with itself again.
    pub fn drop_impostors(&mut self) {
        for object in self.objects.values_mut() {
            object.impostor = None;
        }
    }

    /// Every object, by type and id.
    pub fn iter(&self) -> impl Iterator<Item = &StoredObject> {
        self.objects.values()
    }

    /// The object of a name, in whatever domain.
    #[must_use]
    pub fn find(&self, key: ObjectKey) -> Option<&StoredObject> {
        self.objects.get(&key)
    }

    /// The object of a name, to change it.
    pub fn find_mut(&mut self, key: ObjectKey) -> Option<&mut StoredObject> {
        self.objects.get_mut(&key)
    }

    /// The id that an object gets which asks for `id`: a random one for 0.
    ///
    /// # Errors
    /// [`DeviceError::InvalidId`] for ffff, [`DeviceError::ObjectExists`],
    /// [`DeviceError::StorageFailed`] when there is no room for another object.
    pub fn free_id(&self, kind: ObjectType, id: u16) -> Result<u16, DeviceError> {
        match id {
            u16::MAX => return Err(DeviceError::InvalidId),
            0 => {}
            id if self.objects.contains_key(&ObjectKey { kind, id }) => {
                return Err(DeviceError::ObjectExists);
            }
            _ => {}
        }
        if self.objects.len() >= MAX_OBJECTS {
            return Err(DeviceError::StorageFailed);
        }
        if id != 0 {
            return Ok(id);
        }
        let octets = random::array().map_err(|_| DeviceError::StorageFailed)?;
        // Fewer than 65,534 objects exist, so one of these is free.
        let start = u16::from_be_bytes(octets);
        (0..=u16::MAX)
            .map(|step| start.wrapping_add(step))
            .find(|id| {
                !matches!(*id, 0 | u16::MAX)
                    && !self.objects.contains_key(&ObjectKey { kind, id: *id })
            })
            .ok_or(DeviceError::StorageFailed)
    }

    /// Adds an object and gives it its sequence.
    ///
    /// # Errors
    /// As [`Self::free_id`]; [`DeviceError::StorageFailed`] when its content does not fit.
    pub fn insert(&mut self, mut object: StoredObject) -> Result<&ObjectInfo, DeviceError> {
        let key = object.info.key;
        self.free_id(key.kind, key.id)?;
        if pages(&object) > usize::from(self.storage().free_pages) {
            return Err(DeviceError::StorageFailed);
        }
        let next = self.sequences.entry(key).or_default();
        object.info.sequence = *next;
        *next = next.wrapping_add(1);
        Ok(&self.objects.entry(key).insert_entry(object).into_mut().info)
    }

    /// Deletes an object.
    pub fn remove(&mut self, key: ObjectKey) -> Option<StoredObject> {
        self.objects.remove(&key)
    }

    /// What is free.
    #[must_use]
    pub fn storage(&self) -> StorageInfo {
        let short = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        let used: usize = self.objects.values().map(pages).sum();
        StorageInfo {
            total_records: short(MAX_OBJECTS),
            free_records: short(MAX_OBJECTS.saturating_sub(self.objects.len())),
            total_pages: short(PAGES),
            free_pages: short(PAGES.saturating_sub(used)),
            page_bytes: short(PAGE_BYTES),
        }
    }
}

fn pages(object: &StoredObject) -> usize {
    usize::from(object.reported_length()).div_ceil(PAGE_BYTES)
}
