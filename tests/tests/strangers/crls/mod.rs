//! Lists of every kind over the life of CAs with shards and without: bases, deltas on them, deltas beside
//! their complete lists, roots' lists of cross-certificates, the final lists of ended CAs.

mod kinds;
mod life;
mod paths;
