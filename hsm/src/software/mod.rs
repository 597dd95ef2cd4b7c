//! Development keys, made and used by aws-lc-rs in this process.
//!
//! [`SoftwareBackend`] keeps them encrypted in a folder, [`InMemoryBackend`] not at all. Both say
//! that they are software, and a production configuration refuses them.

mod envelope;
mod folder;
mod key;
mod memory;
mod stored;

pub use memory::InMemoryBackend;
pub use stored::SoftwareBackend;

#[cfg(test)]
mod tests;
