//! A web server that does what it is told, good or bad.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// What to do about it.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// The same, after a while.
    Later(Duration, Box<Self>),
    /// The head, then the body octet by octet.
    Drip(Vec<u8>),
    /// A body that never ends, without length.
    Endless,
    /// Nothing.
    Hang,
    /// These octets, whatever they are.
    Raw(Vec<u8>),
}

impl Reply {
    pub(crate) fn ok(body: &[u8]) -> Self {
        Self::Answer {
            status: 200,
            headers: Vec::new(),
            body: body.to_vec(),
        }
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Answer {
            status,
            headers: Vec::new(),
            body: b"no".to_vec(),
        }
    }

    pub(crate) fn redirect(location: &str) -> Self {
        Self::status(302).header("location", location)
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }

    pub(crate) fn later(self, milliseconds: u64) -> Self {
        Self::Later(Duration::from_millis(milliseconds), Box::new(self))
    }
}

type Route = Arc<dyn Fn(&Seen) -> Reply + Send + Sync>;

#[derive(Default)]
struct Shared {
    routes: BTreeMap<String, Route>,
    seen: Vec<Seen>,
}

pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    task: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut server = Self {
            address,
            shared: Arc::default(),
            task: None,
        };
        server.serve(listener);
        server
    }

    fn serve(&mut self, listener: TcpListener) {
        let shared = Arc::clone(&self.shared);
        self.task = Some(tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(connection(stream, Arc::clone(&shared)));
                while connections.try_join_next().is_some() {}
            }
        }));
    }

    /// Nobody listens any more, and connections end.
    pub(crate) async fn die(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }

    /// At the same address.
    pub(crate) async fn revive(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.serve(listener);
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn uri(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What to answer at `path` and below.
    pub(crate) fn on(&self, path: &str, route: impl Fn(&Seen) -> Reply + Send + Sync + 'static) {
        let mut shared = self.shared.lock().unwrap();
        shared.routes.insert(path.to_owned(), Arc::new(route));
    }

    pub(crate) fn answer(&self, path: &str, reply: Reply) {
        self.on(path, move |_| reply.clone());
    }

    /// What came for `path` and below.
    pub(crate) fn seen(&self, path: &str) -> Vec<Seen> {
        let shared = self.shared.lock().unwrap();
        let seen = shared.seen.iter();
        seen.filter(|it| it.path.starts_with(path))
            .cloned()
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn connection(mut stream: TcpStream, shared: Arc<Mutex<Shared>>) {
    let Some(seen) = read(&mut stream).await else {
        return;
    };
    let route = {
        let mut shared = shared.lock().unwrap();
        shared.seen.push(seen.clone());
        let mut routes = shared.routes.iter().rev();
        let found = routes.find(|(path, _)| seen.path.starts_with(*path));
        found.map(|(_, route)| Arc::clone(route))
    };
    let mut reply = route.map_or_else(|| Reply::status(404), |route| route(&seen));
    while let Reply::Later(wait, then) = reply {
        tokio::time::sleep(wait).await;
        reply = *then;
    }
    // The client may be gone, as it should be in some tests.
    let _ = write(&mut stream, reply).await;
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut octets = Vec::new();
    let end = loop {
        if let Some(end) = octets.windows(4).position(|it| it == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut octets).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(octets[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let mut seen = Seen {
        method: words.next()?.to_owned(),
        path: words.next()?.to_owned(),
        ..Seen::default()
    };
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let value = value.trim().to_owned();
        seen.headers.insert(name.to_ascii_lowercase(), value);
    }
    let length = seen.headers.get("content-length");
    let length: usize = length.map_or(0, |it| it.parse().unwrap());
    seen.body = octets.split_off(end + 4);
    while seen.body.len() < length {
        stream.read_buf(&mut seen.body).await.ok()?;
    }
    Some(seen)
}

async fn write(stream: &mut TcpStream, reply: Reply) -> std::io::Result<()> {
    match reply {
        Reply::Answer {
            status,
            headers,
            body,
        } => {
            let mut head = format!(
                "HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n",
                body.len()
            );
            for (name, value) in headers {
                head += &format!("{name}: {value}\r\n");
            }
            head += "\r\n";
            stream.write_all(head.as_bytes()).await?;
            if status != 304 {
                stream.write_all(&body).await?;
            }
        }
        Reply::Drip(body) => {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).await?;
            for octet in body {
                stream.write_all(&[octet]).await?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Reply::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            loop {
                stream.write_all(&[0x30; 16_384]).await?;
            }
        }
        Reply::Raw(octets) => stream.write_all(&octets).await?,
        Reply::Hang | Reply::Later(..) => std::future::pending().await,
    }
    stream.shutdown().await
}
