//! A clock for the service alone.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use kasane_tests::program::Kasane;

/// What the service takes for the time: this machine's and so many seconds.
pub(crate) struct SteppedClock {
    file: PathBuf,
    /// When which offset held, as far as a test can know: two overlap while one follows the other.
    offsets: Mutex<Vec<Held>>,
    /// Whether there may be nobody to answer.
    pub(super) silence: AtomicBool,
}

struct Held {
    offset_seconds: i64,
    from: Instant,
    until: Option<Instant>,
}

impl SteppedClock {
    pub(crate) fn new(file: PathBuf) -> Self {
        let clock = Self {
            file,
            offsets: Mutex::default(),
            silence: AtomicBool::new(false),
        };
        clock.step_to(0);
        clock
    }

    /// The program under this clock.
    pub(crate) fn command(&self, kasane: &Kasane) -> Kasane {
        let file = self.file.to_str().unwrap();
        kasane
            .clone()
            .with("LD_PRELOAD", library().to_str().unwrap())
            .with("FAKETIME_TIMESTAMP_FILE", file)
            .with("FAKETIME_NO_CACHE", "1")
            // Deadlines and timers go on as they should.
            .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .with("DONT_FAKE_MONOTONIC", "1")
    }

    pub(crate) fn step_to(&self, offset_seconds: i64) {
        let from = Instant::now();
        self.offsets.lock().unwrap().push(Held {
            offset_seconds,
            from,
            until: None,
        });
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{offset_seconds:+}")).unwrap();
        fs::rename(&new, &self.file).unwrap();
        let until = Some(Instant::now());
        let mut offsets = self.offsets.lock().unwrap();
        let before = offsets.len() - 1;
        if let Some(held) = offsets[..before].last_mut() {
            held.until = until;
        }
    }

    /// The offsets that may have held at some time between the two.
    pub(super) fn between(&self, sent: Instant, received: Instant) -> Vec<i64> {
        let offsets = self.offsets.lock().unwrap();
        let held = offsets
            .iter()
            .filter(|it| it.from <= received && it.until.is_none_or(|until| until >= sent));
        held.map(|it| it.offset_seconds).collect()
    }
}

/// Debian keeps it in a folder of the architecture's.
pub(crate) fn library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap();
    let mut places = folders.map(|folder| {
        let folder = folder.unwrap().path();
        folder.join("faketime/libfaketimeMT.so.1")
    });
    places.find(|place| place.exists()).unwrap()
}
