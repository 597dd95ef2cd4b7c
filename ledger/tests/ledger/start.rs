//! A ledger that was opened, before it takes entries.

use std::fs;
use std::ops::ControlFlow;

use kasane_ledger::BlobRef;

use crate::common::*;

#[test]
fn interrupted_start_leaves_the_ledger_as_it_was_and_the_next_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    append_many(&create(dir.path()), 1000);
    let recorder = Recorder::default();
    let stopped = open(dir.path()).unwrap();
    let before = fs::read(dir.path().join("mark")).unwrap();
    let mut asked = Vec::new();
    let stopped = stopped.start_while(Box::new(recorder.clone()), 0, &mut |done, total| {
        asked.push((done, total));
        if done < 300 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    let applied = recorder.0.lock().len() as u64;
    assert_eq!(asked.first(), Some(&(0, 1000)));
    assert_eq!(asked.last(), Some(&(applied, 1000)));
    assert!((300..1000).contains(&applied), "{applied}");
    let error = stopped.unwrap_err();
    assert_eq!(error.code(), "ledger.interrupted");
    assert_eq!(fs::read(dir.path().join("mark")).unwrap(), before);
    // Nobody holds it any more.
    let opened = open(dir.path()).unwrap();
    let mut read = Vec::new();
    opened
        .entries(998, |index, bytes| {
            read.push((index, bytes.to_vec()));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(read, [(998, entry(998)), (999, entry(999))]);
    // Told to stop when everything is done is too late.
    let ledger = opened
        .start_while(Box::new(recorder.clone()), applied, &mut |done, total| {
            if done < total {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })
        .unwrap();
    append_many(&ledger, 1);
    assert_eq!(recorder.0.lock().len(), 1001);
}

#[test]
fn blob_is_read_before_the_ledger_is_started() {
    let dir = tempfile::tempdir().unwrap();
    let blob = create(dir.path()).put_blob(b"a document").unwrap();
    let opened = open(dir.path()).unwrap();
    assert_eq!(opened.blob(&blob).unwrap(), b"a document");
    let other = BlobRef { length: 9, ..blob };
    assert_eq!(
        opened.blob(&other).unwrap_err().code(),
        "ledger.blob-damaged"
    );
}
