//! The simplest client of HTTP that keeps its connection.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A connection that is made when it is needed.
#[derive(Debug)]
pub struct Connection {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

/// An answer with a body of announced length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// 200, 404, …
    pub status: u16,
    /// Octets.
    pub body: Vec<u8>,
    is_last: bool,
}

impl Connection {
    /// To `address`, not made yet.
    #[must_use]
    pub const fn new(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
        }
    }

    /// Sends a request (head and body) and reads the answer. A connection that was kept may have been
    /// ended by the server: then another is made, once, as every client does.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn send(&mut self, request: &[u8]) -> io::Result<Reply> {
        if let Some(mut stream) = self.stream.take()
            && let Ok(reply) = exchange(&mut stream, request)
        {
            return Ok(self.keep(stream, reply));
        }
        let stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let mut stream = BufReader::new(stream);
        let reply = exchange(&mut stream, request)?;
        Ok(self.keep(stream, reply))
    }

    fn keep(&mut self, stream: BufReader<TcpStream>, reply: Reply) -> Reply {
        self.stream = (!reply.is_last).then_some(stream);
        reply
    }
}

/// One request and its answer.
///
/// # Errors
/// When the stream ends before the answer does, or what comes is no HTTP.
pub fn exchange<S: Read + Write>(stream: &mut BufReader<S>, request: &[u8]) -> io::Result<Reply> {
    stream.get_mut().write_all(request)?;
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_ascii_lowercase()),
        }
    }
    let field = |name: &str| lines.iter().find_map(|line| line.strip_prefix(name));
    let number = |text: Option<&str>| text.and_then(|it| it.trim().parse::<usize>().ok());
    let status = number(lines.first().and_then(|line| line.split(' ').nth(1)));
    let length = number(field("content-length:"));
    let (Some(status), Some(length)) = (status, length) else {
        return Err(io::Error::new(ErrorKind::InvalidData, lines.join("; ")));
    };
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(Reply {
        status: u16::try_from(status).unwrap_or(0),
        body,
        is_last: field("connection:").is_some_and(|it| it.trim() == "close"),
    })
}
