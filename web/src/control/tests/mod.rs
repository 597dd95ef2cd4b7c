mod dispatch;
mod problem;
mod records;
mod socket;
mod world;
