//! OCSP responses and their cache.
