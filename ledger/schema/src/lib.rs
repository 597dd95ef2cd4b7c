//! What the ledger's entries say, and their canonical DER encoding.
