//! The process is killed while it appends; what it was told before must be there after.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use kasane_ledger::{Batch, Ledger, NoProjection};

use crate::common::*;

/// The process to kill: reads the folder from standard input, appends from eight threads, prints what
/// was acknowledged. Does nothing when it is run without a folder.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn appends_until_killed() {
    let mut dir = String::new();
    std::io::stdin().read_line(&mut dir).unwrap();
    if dir.trim().is_empty() {
        return;
    }
    let ledger = start_with(Path::new(dir.trim()), small_segments());
    let threads: Vec<_> = (0..8_u32)
        .map(|thread| {
            let ledger = ledger.clone();
            thread::spawn(move || {
                for n in 0_u64.. {
                    let content = format!("{thread}-{n}");
                    let batch = Batch::entry(content.clone().into_bytes());
                    let appended = ledger.append(batch).unwrap();
                    let line = format!("told {} {content}\n", appended.first_index);
                    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                }
            })
        })
        .collect();
    loop {
        thread::sleep(Duration::from_millis(20));
        ledger.checkpoint(&TestSigner::new(1)).unwrap();
        assert!(threads.iter().all(|thread| !thread.is_finished()));
    }
}

#[test]
fn killed_process_loses_nothing_that_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    Ledger::create(dir.path(), ORIGIN, small_segments()).unwrap();
    let mut told: Vec<(u64, String)> = Vec::new();
    for round in 0..6 {
        let before = told.len();
        append_and_kill(
            dir.path(),
            Duration::from_millis(60 + 37 * round),
            &mut told,
        );
        assert!(told.len() > before, "the process appended nothing");
        let open = open(dir.path()).unwrap();
        assert!(!open.was_closed());
        let size = open.size();
        let ledger = open
            .start(Box::new(NoProjection), size, &mut |_, _| {})
            .unwrap();
        for (index, content) in &told {
            assert_eq!(ledger.entry(*index).unwrap(), content.as_bytes());
        }
        ledger.verify_all(&mut |_, _| {}).unwrap();
    }
}

fn append_and_kill(dir: &Path, after: Duration, told: &mut Vec<(u64, String)>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "kill::appends_until_killed",
            "--nocapture",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{}", dir.display()).unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut keep = |line: &str| {
        // The last line may be cut.
        let mut words = line
            .split(' ')
            .skip_while(|word| !word.ends_with("told"))
            .skip(1);
        if let (Some(index), Some(content)) = (words.next(), words.next()) {
            told.push((index.parse().unwrap(), content.to_owned()));
        }
    };
    // The first lines tell that it runs.
    for line in lines.by_ref().take(20) {
        keep(&line.unwrap());
    }
    let killer = thread::spawn(move || {
        thread::sleep(after);
        child.kill().unwrap();
        child.wait().unwrap();
    });
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    killer.join().unwrap();
    // Without the last line: a cut number would be another index.
    rest.iter().rev().skip(1).for_each(|line| keep(line));
}
