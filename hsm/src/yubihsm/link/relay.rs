//! Between the crate's HTTP client and the connector.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::exchange::{Exchange, Seen};
use super::follower::Follower;
use super::frame::{self, Answer};
use super::upstream::{Failure, Upstream};
use super::{peer, request};

/// Time of an exchange that no call waits for.
const OTHERWISE: Duration = Duration::from_secs(5);

/// Takes a command from the crate, asks the connector, and hands the whole answer on in one write.
///
/// It exists because the crate's reader corrupts answers that arrive in two pieces. It also tells
/// what the crate does not: whether a command was sent at all, the error code of an answer outside
/// of the secure channel, and that the time is over. And it follows sessions, so that they can be
/// closed. It listens on loopback, serves one connection of this process at a time, and knows one path
/// of one connector.
#[derive(Debug)]
pub(in crate::yubihsm) struct Relay {
    address: SocketAddr,
    exchange: Arc<Exchange>,
    follower: Arc<Follower>,
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
            follower: Arc::default(),
            upstream: Arc::new(upstream),
            stopped: Arc::default(),
        };
        let (exchange, follower, upstream, stopped) = (
            Arc::clone(&relay.exchange),
            Arc::clone(&relay.follower),
            Arc::clone(&relay.upstream),
            Arc::clone(&relay.stopped),
        );
        std::thread::Builder::new()
            .name("yubihsm-relay".to_owned())
            .spawn(move || relay.accept(&listener))?;
        Ok(Self {
            address,
            exchange,
            follower,
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

    pub(super) fn follower(&self) -> &Follower {
        &self.follower
    }

    pub(super) const fn upstream(&self) -> &Arc<Upstream> {
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
    follower: Arc<Follower>,
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
                    tracing::warn!(%from, "refused a connection to a YubiHSM's relay: it is another process's");
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
        // The thread outlives whatever a library stumbles over.
        let asked = catch_unwind(AssertUnwindSafe(|| self.upstream.command(command, left)));
        let asked = asked.unwrap_or_else(|_| {
            Err(Failure::NoAnswer {
                timed_out: false,
                reason: "the HTTP client stumbled over the answer".to_owned(),
            })
        });
        if !matches!(asked, Err(Failure::NotSent(_))) {
            let fits = |answer: &&Vec<u8>| frame::classify(command, answer) == Answer::Fitting;
            let answer = asked.as_ref().ok().filter(fits);
            self.follower.saw(command, answer.map(Vec::as_slice));
        }
        match asked {
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

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::process::{Command, Stdio};
    use std::sync::mpsc;

    use super::*;

    const COMMAND: [u8; 4] = [0x01, 0, 1, 9];
    const ANSWER: [u8; 4] = [0x81, 0, 1, 9];

    /// A connector that answers each request so, and tells how many came.
    fn connector(head: &'static str) -> (Upstream, mpsc::Receiver<()>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (came, requests) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                while let Ok(Some(_)) = request::read(&mut stream) {
                    if came.send(()).is_err() {
                        return;
                    }
                    // In as many pieces as there are octets.
                    for octet in head.as_bytes().iter().chain(&ANSWER) {
                        stream.write_all(&[*octet]).unwrap();
                        stream.flush().unwrap();
                    }
                }
            }
        });
        (Upstream::new(&address).unwrap(), requests)
    }

    fn ask(relay: &Relay) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(relay.address())?;
        let head = "POST /connector/api HTTP/1.1\r\nContent-Length: 4\r\n\r\n";
        stream.write_all(&[head.as_bytes(), &COMMAND].concat())?;
        // One read, as the crate's.
        let mut answer = vec![0; 65_536];
        let read = stream.read(&mut answer)?;
        answer.truncate(read);
        Ok(answer)
    }

    #[test]
    fn answer_that_came_octet_by_octet_is_handed_on_in_one_piece() {
        let (upstream, requests) = connector("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
        let relay = Relay::start(upstream).unwrap();
        for _ in 0..20 {
            let answer = ask(&relay).unwrap();
            assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"));
            assert!(answer.ends_with(&ANSWER));
            requests.recv().unwrap();
        }
        assert_eq!(relay.exchange().seen(), Seen::Answered);
    }

    #[test]
    fn status_or_length_that_does_not_fit_is_no_answer() {
        for head in [
            "HTTP/1.1 500 Error\r\nContent-Length: 4\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
            "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 4\r\n\r\n",
            "nonsense\r\n\r\n",
        ] {
            let (upstream, _requests) = connector(head);
            let relay = Relay::start(upstream).unwrap();
            let answer = ask(&relay).unwrap();
            assert!(answer.starts_with(b"HTTP/1.1 502"), "{head}");
            let seen = relay.exchange().seen();
            assert!(matches!(seen, Seen::NoAnswer { .. }), "{head}: {seen:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn other_process_is_sent_away_before_it_can_ask() {
        let (upstream, requests) = connector("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
        let relay = Relay::start(upstream).unwrap();
        let script = format!(
            "exec 3<>/dev/tcp/127.0.0.1/{} && printf 'POST /connector/api HTTP/1.1\\r\\nContent-Length: 1\\r\\n\\r\\nx' >&3; cat <&3",
            relay.address().port()
        );
        let other = Command::new("bash")
            .args(["-c", &script])
            .stderr(Stdio::null())
            .output()
            .unwrap();
        assert!(other.stdout.is_empty(), "{other:?}");
        assert!(requests.try_recv().is_err());
        // This process still gets through.
        assert!(ask(&relay).unwrap().ends_with(&ANSWER));
    }

    #[test]
    fn absent_connector_was_sent_nothing_and_a_spent_deadline_too() {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let upstream = Upstream::new(&format!("http://127.0.0.1:{port}")).unwrap();
        let relay = Relay::start(upstream).unwrap();
        assert!(ask(&relay).unwrap().starts_with(b"HTTP/1.1 502"));
        assert!(matches!(relay.exchange().seen(), Seen::NotSent(_)));
        let (upstream, requests) = connector("");
        let relay = Relay::start(upstream).unwrap();
        relay.exchange().begin_call(std::time::Instant::now());
        assert!(ask(&relay).unwrap().starts_with(b"HTTP/1.1 502"));
        assert!(matches!(relay.exchange().seen(), Seen::NotSent(_)));
        assert!(requests.try_recv().is_err());
    }
}
