use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use proptest::prelude::*;

use super::*;

const NAME: &str = "log.example/a";

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn public(seed: u8) -> [u8; 32] {
    pair(seed).public_key().as_ref().try_into().unwrap()
}

fn signature(seed: u8, name: &str, text: &str) -> NoteSignature {
    NoteSignature {
        name: name.to_owned(),
        key_id: ed25519_key_id(name, &public(seed)),
        signature: pair(seed).sign(text.as_bytes()).as_ref().to_vec(),
    }
}

fn checkpoint() -> Checkpoint {
    let root = Hash([7; 32]);
    Checkpoint::new(NAME, TreeHead { size: 42, root })
}

fn note(signatures: Vec<NoteSignature>) -> String {
    let text = checkpoint().to_text();
    Note { text, signatures }.to_text()
}

fn verifier() -> CheckpointVerifier {
    CheckpointVerifier::from_vkey(&ed25519_vkey(NAME, &public(1))).unwrap()
}

#[test]
fn key_ids_are_those_of_keys_in_use() {
    // The checksum database of the Go language.
    let vkey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
    assert_eq!(CheckpointVerifier::from_vkey(vkey).unwrap().vkey(), vkey);
    for wrong in [
        vkey.replace("033de0ae", "033de0af"),
        vkey.replace("033de0ae", "033DE0AE"),
        vkey.replace("Ac4z", "Bc4z"),
        vkey.replace("sum.", "sum "),
        vkey.replace("OuAn8", ""),
        "sum.golang.org+033de0ae".to_owned(),
    ] {
        let error = CheckpointVerifier::from_vkey(&wrong).unwrap_err();
        assert_eq!(error.code(), "checkpoint.key", "{wrong}");
    }
}

#[test]
fn signed_checkpoint_is_opened_by_its_key() {
    let text = checkpoint().to_text();
    assert_eq!(text, format!("{NAME}\n42\n{}\n", Hash([7; 32])));
    let note = note(vec![signature(1, NAME, &text)]);
    assert!(note.starts_with(&format!("{text}\n\u{2014} {NAME} ")));
    assert_eq!(verifier().open(&note).unwrap(), checkpoint());
}

#[test]
fn unknown_signatures_are_ignored_and_wrong_ones_are_not() {
    let text = checkpoint().to_text();
    let good = signature(1, NAME, &text);
    let witness = signature(2, "witness.example", &text);
    let same_name = signature(2, NAME, &text);
    let with_others = note(vec![witness.clone(), same_name, good.clone()]);
    assert_eq!(verifier().open(&with_others).unwrap(), checkpoint());

    let code = |signatures| verifier().open(&note(signatures)).unwrap_err().code();
    assert_eq!(code(vec![witness]), "checkpoint.unsigned");
    let mut wrong = good.clone();
    wrong.signature[0] ^= 1;
    assert_eq!(code(vec![good.clone(), wrong]), "checkpoint.signature");
    let mut short = good.clone();
    short.signature.truncate(63);
    assert_eq!(code(vec![short]), "checkpoint.signature");
    assert_eq!(code(vec![good; 65]), "checkpoint.form");
}

#[test]
fn every_changed_byte_of_a_note_is_refused() {
    let text = checkpoint().to_text();
    let note = note(vec![signature(1, NAME, &text)]);
    for at in 0..note.len() {
        let mut bytes = note.clone().into_bytes();
        bytes[at] ^= 1;
        if let Ok(changed) = String::from_utf8(bytes) {
            assert!(verifier().open(&changed).is_err(), "byte {at}");
        }
    }
}

#[test]
fn texts_that_are_no_checkpoints_are_refused() {
    let root = Hash([7; 32]);
    let ok = format!("o\n0\n{root}\nextension\n");
    assert_eq!(Checkpoint::from_text(&ok).unwrap().to_text(), ok);
    for wrong in [
        format!("\n0\n{root}\n"),
        format!("o\n00\n{root}\n"),
        format!("o\n+1\n{root}\n"),
        format!("o\n\n{root}\n"),
        format!("o\n18446744073709551616\n{root}\n"),
        format!("o\n1\n{}\n", &root.to_string()[..43]),
        format!("o\n1\n{root}\n\n"),
        format!("o\n1\n{root}"),
        "o\n1\n".to_owned(),
    ] {
        let error = Checkpoint::from_text(&wrong).unwrap_err();
        assert_eq!(error.code(), "checkpoint.text", "{wrong:?}");
    }
}

#[test]
fn malformed_notes_are_refused() {
    for wrong in [
        "text\n",
        "text\n\n",
        "text\n\nno dash\n",
        "text\n\n\u{2014} name\n",
        "text\n\n\u{2014} name AAAA\n",
        "text\n\n\u{2014} na+me AAAAAAA=\n",
        "text\n\n\u{2014} name AAAAAAA=",
        "te\rxt\n\n\u{2014} name AAAAAAA=\n",
    ] {
        let error = Note::parse(wrong).unwrap_err();
        assert_eq!(error.code(), "checkpoint.form", "{wrong:?}");
    }
    let long = "x".repeat(MAX_NOTE_BYTES + 1);
    assert_eq!(Note::parse(&long).unwrap_err().code(), "checkpoint.long");
}

proptest! {
    #[test]
    fn arbitrary_notes_never_panic_and_parsed_ones_print_the_same(text in "(.|\n|\u{2014} ){0,200}") {
        if let Ok(note) = Note::parse(&text) {
            prop_assert_eq!(Note::parse(&note.to_text()).unwrap(), note);
        }
    }
}
