mod dispatch;
mod mass_progress;
mod problem;
mod records;
mod revocations;
mod socket;
mod world;
