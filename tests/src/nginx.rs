//! nginx with a configuration for its http block.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::tools::{Tool, root};

/// nginx, ended when dropped.
#[derive(Debug)]
pub struct Nginx {
    child: Child,
    log: PathBuf,
}

/// A configuration that is shipped, with other values: each pair's first part must occur once.
///
/// # Panics
/// When one does not.
#[must_use]
pub fn shipped(name: &str, changes: &[(&str, String)]) -> String {
    let mut text = fs::read_to_string(root().join("docs/nginx").join(name)).unwrap();
    for (there, here) in changes {
        assert_eq!(text.matches(there).count(), 1, "{there}");
        text = text.replace(there, here);
    }
    text
}

impl Nginx {
    /// Runs it in `folder`, which is there, and waits until it answers at `address`.
    ///
    /// # Panics
    /// When it does not, with its log.
    #[must_use]
    pub fn start(folder: &Path, http: &str, address: SocketAddr) -> Self {
        Self::start_with(folder, http, address, &[])
    }

    /// The same with variables of the environment.
    ///
    /// # Panics
    /// When it does not answer, with its log.
    #[must_use]
    pub fn start_with(
        folder: &Path,
        http: &str,
        address: SocketAddr,
        environment: &[(&str, &str)],
    ) -> Self {
        let log = folder.join("error.log");
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|name| format!("{name}_temp_path {}/{name};\n", folder.display()))
            .collect();
        // Without that it forgets them.
        let kept: String = environment
            .iter()
            .map(|(name, _)| format!("env {name};\n"))
            .collect();
        // One process: it ends with the child.
        let text = format!(
            "daemon off;\nmaster_process off;\npid {0}/pid;\nerror_log {0}/error.log info;\n{kept}\
             events {{}}\nhttp {{\naccess_log off;\n{temporary}{http}}}\n",
            folder.display()
        );
        let file = folder.join("nginx.conf");
        fs::write(&file, text).unwrap();
        let mut command = Tool::Nginx.command();
        command.arg("-c").arg(&file).arg("-e").arg(&log);
        command.envs(environment.iter().copied());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut nginx = Self {
            child: command.spawn().unwrap(),
            log,
        };
        let end = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(address).is_err() {
            let ended = nginx.child.try_wait().unwrap();
            assert!(ended.is_none(), "nginx ended: {}", nginx.log());
            assert!(
                Instant::now() < end,
                "nginx does not answer: {}",
                nginx.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        nginx
    }

    /// What it said so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
