//! nginx with one static file.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::load::{Processor, on_core};
use crate::bench::BenchError;

/// Where the file is.
pub(super) const PATH: &str = "/response";

/// What to say when it is not there.
pub(super) const HOW_TO_GET_IT: &str = "nginx is not installed (apt-get install nginx-light)";

const PATIENCE: Duration = Duration::from_secs(10);

/// A running nginx. Ends when dropped.
#[derive(Debug)]
pub(super) struct Nginx {
    child: Child,
    address: SocketAddr,
}

impl Nginx {
    /// Serves `octets` on one processor; none when there is no nginx.
    pub(super) fn start(
        dir: &Path,
        octets: &[u8],
        core: usize,
    ) -> Result<Option<Self>, BenchError> {
        // Debian keeps it where only root looks.
        let names = ["nginx", "/usr/sbin/nginx"];
        let known = |name: &&str| Command::new(name).arg("-v").output().is_ok();
        let Some(name) = names.into_iter().find(known) else {
            return Ok(None);
        };
        let root = dir.join("nginx");
        std::fs::create_dir_all(root.join("html"))?;
        std::fs::create_dir_all(root.join("logs"))?;
        std::fs::write(root.join("html/response"), octets)?;
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let file = root.join("nginx.conf");
        std::fs::write(&file, configuration(address))?;
        let root = root.canonicalize()?;
        let child = on_core(core, || {
            Ok(Command::new(name)
                .arg("-p")
                .arg(&root)
                .args(["-c", "nginx.conf", "-e", "logs/error.log"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()?)
        })?;
        let mut nginx = Self { child, address };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            if begun.elapsed() > PATIENCE || nginx.child.try_wait()?.is_some() {
                return Err(BenchError::Prepare("nginx does not start".into()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Some(nginx))
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn processor(&self) -> Processor {
        Processor::Of(self.child.id())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It holds nothing that must be kept; gone already is as good.
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// One process, as fast as it serves files: kept open, sent by the kernel, nothing logged.
fn configuration(address: SocketAddr) -> String {
    format!(
        "daemon off;
master_process off;
worker_processes 1;
pid logs/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    open_file_cache max=16;
    open_file_cache_valid 600s;
    client_body_temp_path logs/body;
    proxy_temp_path logs/proxy;
    fastcgi_temp_path logs/fastcgi;
    uwsgi_temp_path logs/uwsgi;
    scgi_temp_path logs/scgi;
    default_type application/ocsp-response;
    server {{
        listen {address};
        root html;
    }}
}}
"
    )
}
