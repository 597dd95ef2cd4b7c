//! Between the crate's HTTP client and the connector.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::exchange::{Exchange, Seen};
use super::frame::{self, Answer};
use super::upstream::{Failure, Upstream};
use super::{peer, request};

/// Time of an exchange that no call waits for.
const OTHERWISE: Duration = Duration::from_secs(5);

/// Takes a command from the crate, asks the connector, and hands the whole answer on in one write.
///
/// It exists because the crate's reader corrupts answers that arrive in two pieces. It also tells
/// what the crate does not: whether a command was sent at all, the error code of an answer outside
/// of the secure channel, and that the time is over. It listens on loopback, serves one connection
/// of this process at a time, and knows one path of one connector.
#[derive(Debug)]
pub(in crate::yubihsm) struct Relay {
    address: SocketAddr,
    exchange: Arc<Exchange>,
    upstream: Arc<Upstream>,
    stopped: Arc<AtomicBool>,
}

impl Relay {
    pub(super) fn start(upstream: Upstream) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let relay = Served {
            address,
            exchange: Arc::new(Exchange::new()),
            upstream: Arc::new(upstream),
            stopped: Arc::default(),
        };
        let (exchange, upstream, stopped) = (
            Arc::clone(&relay.exchange),
            Arc::clone(&relay.upstream),
            Arc::clone(&relay.stopped),
        );
        std::thread::Builder::new()
            .name("yubihsm-relay".to_owned())
            .spawn(move || relay.accept(&listener))?;
        Ok(Self {
            address,
            exchange,
            upstream,
            stopped,
        })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    pub(super) fn upstream(&self) -> &Upstream {
        &self.upstream
    }
}

/// Ends the thread, without waiting for an exchange that hangs.
impl Drop for Relay {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        // A connection wakes the thread; if there is none, it goes with the process.
        drop(TcpStream::connect_timeout(
            &self.address,
            Duration::from_secs(1),
        ));
    }
}

/// The thread's share.
struct Served {
    address: SocketAddr,
    exchange: Arc<Exchange>,
    upstream: Arc<Upstream>,
    stopped: Arc<AtomicBool>,
}

impl Served {
    fn accept(&self, listener: &TcpListener) {
        loop {
            match listener.accept() {
                Ok(_) if self.stopped.load(Ordering::Acquire) => return,
                Ok((stream, from)) if peer::is_this_process(from, self.address) => {
                    // Whatever went wrong, the connection ends and the client makes another.
                    drop(self.serve(stream));
                }
                Ok((_, from)) => {
                    tracing::warn!(%from, "a connection to the relay before a YubiHSM was refused: it is not from this process");
                }
                // Out of descriptors, or the connection was gone before it was taken.
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(OTHERWISE))?;
        while let Some(command) = request::read(&mut stream)? {
            let (call, left) = self.exchange.begin(OTHERWISE);
            let (seen, answer) = self.ask(&command, left);
            self.exchange.end(call, seen);
            match answer {
                Some(answer) => request::answer(&mut stream, &answer)?,
                None => return request::no_answer(&mut stream),
            }
        }
        Ok(())
    }

    fn ask(&self, command: &[u8], left: Duration) -> (Seen, Option<Vec<u8>>) {
        match self.upstream.command(command, left) {
            Ok(answer) => match frame::classify(command, &answer) {
                Answer::Fitting => (Seen::Answered, Some(answer)),
                Answer::Refused(code) => (Seen::Refused { code }, Some(answer)),
                Answer::Garbage => {
                    let reason = "the answer is no device's".to_owned();
                    let timed_out = false;
                    (Seen::NoAnswer { timed_out, reason }, None)
                }
            },
            Err(Failure::NotSent(reason)) => (Seen::NotSent(reason), None),
            Err(Failure::NoAnswer { timed_out, reason }) => {
                (Seen::NoAnswer { timed_out, reason }, None)
            }
        }
    }
}
