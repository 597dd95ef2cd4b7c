mod dispatch;
mod problem;
mod records;
mod revocations;
mod socket;
mod world;
