use super::*;
use crate::random::{RandomSource, SystemRandom};

const PASSPHRASE: &str = "correct horse battery";

fn custodians(count: usize) -> Vec<String> {
    (1..=count).map(|it| format!("custodian {it}")).collect()
}

fn secret() -> Vec<u8> {
    let mut secret = vec![0; SECRET_BYTES];
    SystemRandom.fill(&mut secret).unwrap();
    secret
}

#[test]
fn any_threshold_of_the_shares_restores_and_fewer_do_not() {
    for (threshold, count) in [(2, 2), (2, 3), (3, 5), (16, 16)] {
        let secret = secret();
        let shares = split(&secret, threshold, &custodians(count), &SystemRandom).unwrap();
        let enough = usize::from(threshold);
        for start in 0..=count - enough {
            let some = &shares[start..start + enough];
            assert_eq!(*combine(some).unwrap(), secret);
        }
        let error = combine(&shares[..enough - 1]).unwrap_err();
        assert_eq!(error.code(), "custody.too-few");
        assert_eq!(*combine(&shares).unwrap(), secret, "more than enough");
    }
}

#[test]
fn numbers_and_lengths_that_do_not_fit_are_refused() {
    for (threshold, count) in [(1, 3), (4, 3), (0, 0), (2, 17)] {
        let error = split(&secret(), threshold, &custodians(count), &SystemRandom).unwrap_err();
        assert_eq!(error.code(), "custody.numbers");
    }
    let error = split(&[1; 16], 2, &custodians(3), &SystemRandom).unwrap_err();
    assert_eq!(error.code(), "custody.secret-length");
}

#[test]
fn foreign_duplicate_and_damaged_shares_are_named() {
    let ours = split(&secret(), 2, &custodians(3), &SystemRandom).unwrap();
    let theirs = split(&secret(), 2, &custodians(3), &SystemRandom).unwrap();
    let error = combine(&[ours[0].clone(), theirs[1].clone()]).unwrap_err();
    assert_eq!(error.code(), "custody.other-set");
    let error = combine(&[ours[0].clone(), ours[0].clone()]).unwrap_err();
    assert_eq!(error.code(), "custody.duplicate");
    let mut damaged = ours[1].clone();
    damaged.octets[7] ^= 1;
    let error = combine(&[ours[0].clone(), damaged]).unwrap_err();
    assert_eq!(error.code(), "custody.wrong-whole");
}

#[test]
fn share_file_opens_with_its_passphrase_only_and_cannot_be_relabelled() {
    let secret = secret();
    let shares = split(&secret, 2, &custodians(2), &SystemRandom).unwrap();
    let text = ShareFile::seal(&shares[0], PASSPHRASE, &SystemRandom).unwrap();
    let file = ShareFile::read(text.as_bytes()).unwrap();
    assert_eq!(file.header, shares[0].header);
    assert_eq!(file.open(PASSPHRASE).unwrap(), shares[0]);
    let error = file.open("another passphrase").unwrap_err();
    assert_eq!(error.code(), "custody.does-not-open");
    // The header of another share around the same ciphertext.
    let other = ShareFile::seal(&shares[1], PASSPHRASE, &SystemRandom).unwrap();
    let mut exchanged = ShareFile::read(other.as_bytes()).unwrap();
    exchanged.encrypted.clone_from(&file.encrypted);
    assert_eq!(
        exchanged.open(PASSPHRASE).unwrap_err().code(),
        "custody.not-a-share"
    );
    let error = ShareFile::seal(&shares[0], "short", &SystemRandom).unwrap_err();
    assert_eq!(error.code(), "custody.passphrase-short");
    assert_eq!(
        ShareFile::read(b"-----BEGIN X-----\n").unwrap_err().code(),
        "custody.not-a-share"
    );
}

#[test]
fn neither_file_nor_debug_shows_share_or_secret() {
    let secret = secret();
    let shares = split(&secret, 2, &custodians(2), &SystemRandom).unwrap();
    for share in &shares {
        let text = ShareFile::seal(share, PASSPHRASE, &SystemRandom).unwrap();
        let (_, der) = der::pem::decode_vec(text.as_bytes()).unwrap();
        for hidden in [&secret[..], &share.octets[..], &share.octets[1..]] {
            assert!(!der.windows(hidden.len()).any(|window| window == hidden));
            let shown = format!("{share:?}");
            assert!(!shown.contains(&hex::encode(hidden)));
        }
    }
}

#[test]
fn share_file_that_would_write_controls_to_a_terminal_is_not_read() {
    let shares = split(&secret(), 2, &custodians(2), &SystemRandom).unwrap();
    for hostile in [
        "a\u{1b}[2J",
        "a\rb",
        "a\nb",
        "a\u{9b}b",
        "a\u{202e}b",
        "\u{7}",
    ] {
        let error = split(&secret(), 2, &[hostile.into(), "b".into()], &SystemRandom).unwrap_err();
        assert_eq!(error.code(), "custody.role");
        for is_role in [true, false] {
            let mut share = shares[0].clone();
            let header = &mut share.header;
            let field = if is_role {
                &mut header.role
            } else {
                &mut header.set
            };
            hostile.clone_into(field);
            let text = ShareFile::seal(&share, PASSPHRASE, &SystemRandom).unwrap();
            let error = ShareFile::read(text.as_bytes()).unwrap_err();
            assert_eq!(error.code(), "custody.not-a-share", "{hostile:?}");
            assert!(!error.to_string().chars().any(char::is_control));
        }
    }
}
