//! Any object: made, listed, described, deleted.

use super::{
    super::{Device, authorization::Grant, dispatch::Touched},
    object_filter::ObjectFilter,
};
use crate::{
    object::{Material, ObjectInfo, ObjectKey, StoredObject},
    protocol::{Algorithm, DeviceError, ObjectType, Reader},
};

impl Device {
    /// Checks a new object's description, makes its material, stores both; answers its id.
    pub(super) fn create(
        &mut self,
        grant: &Grant,
        mut info: ObjectInfo,
        touched: &mut Touched,
        make: impl FnOnce(Algorithm) -> Result<Material, DeviceError>,
    ) -> Result<Vec<u8>, DeviceError> {
        touched.target = info.key.id;
        grant.may_create(&info)?;
        info.key.id = self.objects.free_id(info.key.kind, info.key.id)?;
        touched.target = info.key.id;
        let material = make(info.algorithm)?;
        self.store(StoredObject::new(info, material))
    }

    pub(super) fn store(&mut self, object: StoredObject) -> Result<Vec<u8>, DeviceError> {
        let id = self.objects.insert(object)?.key.id;
        self.changed = true;
        Ok(id.to_be_bytes().to_vec())
    }

    /// Filters, each a tag and a value; answers `id (2) | type (1) | sequence (1)` of each.
    pub(in super::super) fn list_objects(
        &self,
        grant: &Grant,
        mut reader: Reader<'_>,
    ) -> Result<Vec<u8>, DeviceError> {
        let filters = ObjectFilter::read_all(&mut reader)?;
        let mut data = Vec::new();
        for object in self.objects.iter() {
            let info = &object.info;
            if grant.sees(info) && filters.iter().all(|filter| filter.passes(info)) {
                data.extend_from_slice(&info.key.id.to_be_bytes());
                data.extend_from_slice(&[info.key.kind.code(), info.sequence]);
            }
        }
        Ok(data)
    }

    /// `id (2) | type (1)`; answers the description.
    pub(in super::super) fn get_object_info(
        &self,
        grant: &Grant,
        reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        let ObjectKey { kind, id } = named(reader, touched)?;
        let object = grant.find(&self.objects, kind, id)?;
        Ok(object.info.encode(object.reported_length()))
    }

    /// `id (2) | type (1)`. Sessions of a deleted authentication key end.
    pub(in super::super) fn delete_object(
        &mut self,
        grant: &Grant,
        reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        let key = named(reader, touched)?;
        grant.require(key.kind.deleting())?;
        grant.find(&self.objects, key.kind, key.id)?;
        self.objects.remove(key);
        self.changed = true;
        if key.kind == ObjectType::AuthenticationKey && key.id != grant.key_id {
            self.sessions.remove_of(key.id);
        }
        Ok(Vec::new())
    }
}

fn named(mut reader: Reader<'_>, touched: &mut Touched) -> Result<ObjectKey, DeviceError> {
    let id = touched.names(&mut reader)?;
    let kind = ObjectType::from_code(reader.octet()?).ok_or(DeviceError::InvalidData)?;
    reader.end()?;
    Ok(ObjectKey { kind, id })
}
