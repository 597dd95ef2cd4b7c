//! Rules of the RFCs.

pub(in crate::lint) mod certificate_serial_positive;
pub(in crate::lint) mod certificate_version_v3;
pub(in crate::lint) mod crl_version_v2;
