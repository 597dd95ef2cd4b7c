//! Certificate revocation lists: built, sharded, published.
