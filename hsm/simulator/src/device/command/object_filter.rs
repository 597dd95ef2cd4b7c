//! Which objects LIST OBJECTS tells.

use crate::{
    object::{Label, ObjectInfo},
    protocol::{Capabilities, DeviceError, Reader},
};

/// One filter: a tag and a value.
pub(super) enum ObjectFilter {
    /// 1
    Id(u16),
    /// 2
    Type(u8),
    /// 3: one of these domains.
    Domains(u16),
    /// 4: all of these capabilities.
    Capabilities(Capabilities),
    /// 5
    Algorithm(u8),
    /// 6
    Label(Label),
}

impl ObjectFilter {
    /// All filters, until the end.
    pub(super) fn read_all(reader: &mut Reader<'_>) -> Result<Vec<Self>, DeviceError> {
        let mut filters = Vec::new();
        while !reader.is_empty() {
            filters.push(match reader.octet()? {
                1 => Self::Id(reader.short()?),
                2 => Self::Type(reader.octet()?),
                3 => Self::Domains(reader.short()?),
                4 => Self::Capabilities(Capabilities(reader.long()?)),
                5 => Self::Algorithm(reader.octet()?),
                6 => Self::Label(Label(reader.array()?)),
                _ => return Err(DeviceError::InvalidData),
            });
        }
        Ok(filters)
    }

    /// Whether an object passes.
    pub(super) fn passes(&self, info: &ObjectInfo) -> bool {
        match self {
            Self::Id(id) => info.key.id == *id,
            Self::Type(kind) => info.key.kind.code() == *kind,
            Self::Domains(domains) => info.domains & domains != 0,
            Self::Capabilities(wanted) => wanted.within(info.capabilities),
            Self::Algorithm(algorithm) => info.algorithm.code() == *algorithm,
            Self::Label(label) => info.label == *label,
        }
    }
}
