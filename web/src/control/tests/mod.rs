mod dispatch;
mod problem;
mod socket;
mod world;
