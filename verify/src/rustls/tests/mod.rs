mod dates;
mod dual;
mod handshakes;
mod support;
