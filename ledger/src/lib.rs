//! An append-only Merkle log in C2SP tlog-tiles form, with group commit and signed checkpoints.
