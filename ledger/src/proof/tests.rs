use proptest::prelude::*;

use super::*;
use crate::hash::leaf_hash;

fn leaf(index: u64) -> Hash {
    leaf_hash(&index.to_be_bytes())
}

/// MTH, PATH and SUBPROOF as RFC 6962 §2.1 writes them.
fn mth(range: std::ops::Range<u64>) -> Hash {
    match range.end - range.start {
        0 => Hash::empty_root(),
        1 => leaf(range.start),
        n => {
            let middle = range.start + n.next_power_of_two() / 2;
            node_hash(&mth(range.start..middle), &mth(middle..range.end))
        }
    }
}

fn path(index: u64, range: std::ops::Range<u64>) -> Vec<Hash> {
    let n = range.end - range.start;
    if n == 1 {
        return Vec::new();
    }
    let middle = range.start + n.next_power_of_two() / 2;
    let (inner, sibling) = if index < middle {
        (path(index, range.start..middle), mth(middle..range.end))
    } else {
        (path(index, middle..range.end), mth(range.start..middle))
    };
    [inner, vec![sibling]].concat()
}

fn subproof(old: u64, range: std::ops::Range<u64>, known: bool) -> Vec<Hash> {
    if old == range.end {
        return if known { vec![] } else { vec![mth(range)] };
    }
    let middle = range.start + (range.end - range.start).next_power_of_two() / 2;
    let (inner, sibling) = if old <= middle {
        (
            subproof(old, range.start..middle, known),
            mth(middle..range.end),
        )
    } else {
        (
            subproof(old, middle..range.end, false),
            mth(range.start..middle),
        )
    };
    [inner, vec![sibling]].concat()
}

fn inclusion(index: u64, size: u64) -> InclusionProof {
    InclusionProof {
        index,
        size,
        hashes: path(index, 0..size),
    }
}

fn consistency(old_size: u64, new_size: u64) -> ConsistencyProof {
    let hashes = if old_size == 0 {
        vec![]
    } else {
        subproof(old_size, 0..new_size, true)
    };
    ConsistencyProof {
        old_size,
        new_size,
        hashes,
    }
}

#[test]
fn inclusion_holds_for_all_pairs_up_to_70_and_for_nothing_else() {
    for size in 1..=70 {
        let root = mth(0..size);
        for index in 0..size {
            let proof = inclusion(index, size);
            verify_inclusion(&leaf(index), &proof, &root).unwrap();
            assert!(verify_inclusion(&leaf(index + 1), &proof, &root).is_err());
            let mut longer = proof.clone();
            longer.hashes.push(leaf(0));
            assert!(verify_inclusion(&leaf(index), &longer, &root).is_err());
            for at in 0..proof.hashes.len() {
                let mut wrong = proof.clone();
                wrong.hashes[at].0[31] ^= 1;
                assert!(verify_inclusion(&leaf(index), &wrong, &root).is_err());
                wrong.hashes.remove(at);
                assert!(verify_inclusion(&leaf(index), &wrong, &root).is_err());
            }
            let mut moved = proof;
            moved.index = (index + 1) % size;
            assert!(size == 1 || verify_inclusion(&leaf(index), &moved, &root).is_err());
        }
    }
}

#[test]
fn consistency_holds_for_all_pairs_up_to_70_and_for_nothing_else() {
    for new in 1..=70 {
        let new_root = mth(0..new);
        for old in 0..=new {
            let old_root = mth(0..old);
            let proof = consistency(old, new);
            verify_consistency(&proof, &old_root, &new_root).unwrap();
            let other = leaf(1000);
            assert!(verify_consistency(&proof, &other, &new_root).is_err());
            // Every tree is consistent with the empty one.
            assert!(old == 0 || verify_consistency(&proof, &old_root, &other).is_err());
            let mut longer = proof.clone();
            longer.hashes.push(leaf(0));
            assert!(verify_consistency(&longer, &old_root, &new_root).is_err());
            for at in 0..proof.hashes.len() {
                let mut wrong = proof.clone();
                wrong.hashes[at].0[0] ^= 1;
                assert!(verify_consistency(&wrong, &old_root, &new_root).is_err());
                wrong.hashes.remove(at);
                assert!(verify_consistency(&wrong, &old_root, &new_root).is_err());
            }
        }
    }
}

#[test]
fn indices_outside_of_the_tree_are_refused() {
    let proof = |index, size| InclusionProof {
        index,
        size,
        hashes: vec![],
    };
    let refused = |p| verify_inclusion(&leaf(0), &p, &leaf(0)).unwrap_err().code();
    assert_eq!(refused(proof(0, 0)), "proof.range");
    assert_eq!(refused(proof(1, 1)), "proof.range");
    assert_eq!(refused(proof(u64::MAX - 1, u64::MAX)), "proof.length");
    let backwards = consistency(0, 0);
    let backwards = ConsistencyProof {
        old_size: 1,
        ..backwards
    };
    let error = verify_consistency(&backwards, &leaf(0), &leaf(0));
    assert_eq!(error.unwrap_err().code(), "proof.range");
}

#[test]
fn text_form_is_that_of_tlog_proof() {
    let proof = LogProof {
        extra: Some(b"more".to_vec()),
        index: 3,
        hashes: vec![Hash([0; 32]), Hash([255; 32])],
        checkpoint: "o\n4\nx\n\n\u{2014} o AAAA\n".to_owned(),
    };
    let text = "c2sp.org/tlog-proof@v1\nextra bW9yZQ==\nindex 3\n\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\
        //////////////////////////////////////////8=\n\n\
        o\n4\nx\n\n\u{2014} o AAAA\n";
    assert_eq!(proof.to_text(), text);
    assert_eq!(LogProof::from_text(text).unwrap(), proof);
    let plain = text.replace("extra bW9yZQ==\n", "");
    assert_eq!(LogProof::from_text(&plain).unwrap().extra, None);
    for wrong in [
        text.replace("v1", "v2"),
        text.replace("index 3", "index 03"),
        text.replace("index 3\n", ""),
        text.replace("AAA=", "AA=="),
        text.replace("bW9yZQ==", "!"),
        text.replace("\n\n", "\n"),
    ] {
        let error = LogProof::from_text(&wrong).unwrap_err();
        assert_eq!(error.code(), "proof.form", "{wrong}");
    }
    let long = "x".repeat(600 * 1024);
    assert_eq!(LogProof::from_text(&long).unwrap_err().code(), "proof.long");
}

proptest! {
    #[test]
    fn arbitrary_proof_text_never_panics(text in "(c2sp.org/tlog-proof@v1\n)?(.|\n){0,300}") {
        let _outcome = LogProof::from_text(&text);
    }

    #[test]
    fn arbitrary_proofs_never_panic(
        index in any::<u64>(), size in any::<u64>(), count in 0_usize..70
    ) {
        let hashes = vec![leaf(0); count];
        let proof = InclusionProof { index, size, hashes: hashes.clone() };
        prop_assert!(size == 1 && index == 0 || verify_inclusion(&leaf(0), &proof, &leaf(0)).is_err());
        let proof = ConsistencyProof { old_size: index, new_size: size, hashes };
        let _outcome = verify_consistency(&proof, &leaf(0), &leaf(0));
    }
}
