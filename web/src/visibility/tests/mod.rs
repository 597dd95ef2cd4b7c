mod following;
mod roster;
