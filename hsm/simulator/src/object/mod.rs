//! What is stored in the device.

mod info;
mod label;
mod material;
mod object_store;
mod origin;
mod stored_object;
mod wrapped;

pub use info::{ObjectInfo, ObjectKey};
pub use label::Label;
pub use material::Material;
pub use object_store::{MAX_OBJECTS, ObjectStore, StorageInfo};
pub use origin::Origin;
pub use stored_object::StoredObject;
pub use wrapped::WrapKey;
