//! Custodians at a terminal: nothing that they enter is shown or written in the clear.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::world::World;

/// Long beyond any load of the machine.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) const PASSPHRASES: [&str; 3] = [
    "first custodian's own words",
    "second custodian's own words",
    "third custodian's own words",
];

/// The program at a terminal of its own.
pub(crate) struct Terminal {
    master: File,
    shown: String,
    seen: usize,
    lines: Receiver<Vec<u8>>,
    child: Child,
}

impl Terminal {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = File::options()
            .read(true)
            .write(true)
            .open(name.to_str().unwrap())
            .unwrap();
        let end = || Stdio::from(OwnedFd::from(slave.try_clone().unwrap()));
        let child = Command::new("setsid")
            .args(["--ctty", "--wait", env!("CARGO_BIN_EXE_kasane")])
            .args(arguments)
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        drop(slave);
        let master = File::from(master);
        let mut reader = master.try_clone().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let mut octets = [0; 4096];
            while let Ok(length) = reader.read(&mut octets) {
                if length == 0 || sender.send(octets[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            master,
            shown: String::new(),
            seen: 0,
            lines,
            child,
        }
    }

    /// Waits for a prompt and for the terminal to echo no more, then enters `text`.
    pub(crate) fn answer(&mut self, prompt: &str, text: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.shown[self.seen..].contains(prompt) {
            assert!(Instant::now() < until, "no {prompt:?} in {:?}", self.shown);
            if let Ok(more) = self.lines.recv_timeout(Duration::from_millis(50)) {
                self.shown.push_str(&String::from_utf8_lossy(&more));
            }
        }
        self.seen += self.shown[self.seen..].find(prompt).unwrap() + prompt.len();
        while tcgetattr(&self.master)
            .unwrap()
            .local_modes
            .contains(LocalModes::ECHO)
        {
            assert!(Instant::now() < until, "echo stays on");
            std::thread::yield_now();
        }
        self.master
            .write_all(format!("{text}\n").as_bytes())
            .unwrap();
    }

    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        while let Ok(more) = self.lines.recv_timeout(Duration::from_millis(200)) {
            self.shown.push_str(&String::from_utf8_lossy(&more));
        }
        (status, self.shown)
    }
}

pub(crate) fn make(world: &World) -> (Vec<String>, String) {
    let files: Vec<_> = (1..=3)
        .map(|it| {
            world
                .file(&format!("share-{it}.pem"))
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let custodians: Vec<_> = files
        .iter()
        .enumerate()
        .map(|(at, file)| format!("custodian {}={file}", at + 1))
        .collect();
    let mut arguments = vec!["ceremony", "custodians", "make", "--threshold", "2"];
    for custodian in &custodians {
        arguments.extend(["--custodian", custodian]);
    }
    let mut terminal = Terminal::start(&arguments);
    for (at, passphrase) in PASSPHRASES.iter().enumerate() {
        if at == 0 {
            // Too short, then mistyped.
            terminal.answer("new passphrase: ", "short");
            terminal.answer("new passphrase: ", passphrase);
            terminal.answer("again: ", "something else");
        }
        terminal.answer("new passphrase: ", passphrase);
        terminal.answer("again: ", passphrase);
    }
    let (status, shown) = terminal.end();
    assert!(status.success(), "{shown}");
    (files, shown)
}

#[test]
fn custodians_enter_without_echo_and_any_two_restore_the_key() {
    let world = World::empty();
    let (files, mut shown) = make(&world);
    for file in &files {
        let mode = fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    for (one, other) in [(0, 2), (2, 1)] {
        let check = [
            "ceremony",
            "custodians",
            "check",
            &files[one],
            &files[other],
        ];
        let mut terminal = Terminal::start(&check);
        if one == 0 {
            terminal.answer("passphrase: ", "not that one at all");
        }
        terminal.answer("passphrase: ", PASSPHRASES[one]);
        terminal.answer("passphrase: ", PASSPHRASES[other]);
        let (status, said) = terminal.end();
        assert!(status.success(), "{said}");
        assert!(said.contains("restore the wrap key"), "{said}");
        shown += &said;
    }
    // Nothing that was entered is on the screen or in a file.
    let mut everything = vec![("screen".to_owned(), shown.into_bytes())];
    gather(world.file("").as_path(), &mut everything);
    assert!(everything.len() >= 4);
    for (place, octets) in &everything {
        for hidden in PASSPHRASES {
            let found = octets
                .windows(hidden.len())
                .any(|it| it == hidden.as_bytes());
            assert!(!found, "{hidden:?} in {place}");
        }
    }
}

fn gather(folder: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, into);
        } else {
            into.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
}

#[test]
fn foreign_and_doubled_shares_are_named_before_a_passphrase_is_asked_for_them() {
    let (world, other) = (World::empty(), World::empty());
    let ((ours, _), (theirs, _)) = (make(&world), make(&other));
    for (second, code) in [
        (&theirs[1], "custody.other-set"),
        (&ours[0], "custody.duplicate"),
    ] {
        let mut terminal = Terminal::start(&["ceremony", "custodians", "check", &ours[0], second]);
        terminal.answer("passphrase: ", PASSPHRASES[0]);
        let (status, shown) = terminal.end();
        assert_eq!(status.code(), Some(3), "{shown}");
        assert!(shown.contains(code), "{shown}");
        assert_eq!(shown.matches("passphrase: ").count(), 1, "{shown}");
    }
    let mut alone = Terminal::start(&["ceremony", "custodians", "check", &ours[0]]);
    alone.answer("passphrase: ", PASSPHRASES[0]);
    let (_, shown) = alone.end();
    assert!(shown.contains("custody.too-few"), "{shown}");
    // Without a terminal nothing is read.
    assert_eq!(
        world
            .refusal(["ceremony", "custodians", "check", &ours[0]])
            .1,
        "custody.no-terminal"
    );
}
