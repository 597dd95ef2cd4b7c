//! Cross-checked with an independent implementation of RFC 6962.

use std::convert::Infallible;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

use super::*;
use crate::hash::leaf_hash;
use crate::layout::TILE_WIDTH;

/// Perfect subtrees from all leaves.
struct Leaves(Vec<Hash>);

impl Subtrees for Leaves {
    type Error = Infallible;

    fn subtree(&self, height: u32, index: u64) -> Result<Hash, Infallible> {
        let first = (index << height) as usize;
        Ok(perfect_root(&self.0[first..first + (1 << height)]).unwrap())
    }
}

fn entry(index: u64) -> Vec<u8> {
    index.to_be_bytes().to_vec()
}

fn leaves(size: u64) -> Leaves {
    Leaves((0..size).map(|index| leaf_hash(&entry(index))).collect())
}

fn reference(size: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|index| tree.push(entry(index)));
    tree
}

fn reference_root(size: u64) -> Hash {
    Hash(
        reference(size)
            .root()
            .as_bytes()
            .as_slice()
            .try_into()
            .unwrap(),
    )
}

fn edge(size: u64) -> (Edge, Vec<FullTile>) {
    let mut full = Vec::new();
    let mut edge = Edge::default();
    leaves(size)
        .0
        .into_iter()
        .for_each(|leaf| edge.push(leaf, &mut full));
    (edge, full)
}

#[test]
fn empty_tree_has_the_hash_of_nothing() {
    let root = Edge::default().head().root;
    assert_eq!(
        root.to_string(),
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    );
}

#[test]
fn roots_of_all_sizes_up_to_600_are_those_of_rfc_6962() {
    let mut tree = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    let mut edge = Edge::default();
    let all = leaves(600);
    for size in 1..=600_u64 {
        tree.push(entry(size - 1));
        edge.push(all.0[size as usize - 1], &mut Vec::new());
        let root = Hash(tree.root().as_bytes().as_slice().try_into().unwrap());
        assert_eq!(edge.head().root, root, "size {size}");
        assert_eq!(range_hash(&all, 0..size).unwrap(), root, "size {size}");
    }
}

#[test]
fn proofs_of_all_pairs_up_to_70_are_those_of_rfc_6962() {
    for size in 1..=70_u64 {
        let (tree, all) = (reference(size), leaves(size));
        for index in 0..size {
            let path = inclusion_path(&all, index, size).unwrap();
            let bytes: Vec<u8> = path.iter().flat_map(|hash| hash.0).collect();
            assert_eq!(bytes, tree.prove_inclusion(index as usize).as_bytes());
        }
        for old in 1..=size {
            let path = consistency_path(&all, old, size).unwrap();
            let bytes: Vec<u8> = path.iter().flat_map(|hash| hash.0).collect();
            let wanted = tree.prove_consistency((size - old) as usize);
            // For a perfect old tree the standard leaves out the first hash: it is the old root.
            assert_eq!(bytes, wanted.as_bytes(), "from {old} to {size}");
        }
    }
}

#[test]
fn full_tiles_come_in_order_with_the_roots_of_those_below() {
    let (edge, full) = edge(66_000);
    let of_level = |level| full.iter().filter(move |tile| tile.level == level);
    assert_eq!(of_level(0).count(), 257);
    assert_eq!(of_level(1).count(), 1);
    assert!(of_level(0).map(|tile| tile.n).eq(0..257));
    let roots: Vec<Hash> = of_level(0)
        .take(256)
        .map(|t| perfect_root(&t.hashes).unwrap())
        .collect();
    assert_eq!(of_level(1).next().unwrap().hashes, roots);
    let partial: Vec<_> = edge
        .partial()
        .map(|(level, n, hashes)| (level, n, hashes.len()))
        .collect();
    assert_eq!(partial, [(0, 257, 208), (1, 1, 1), (2, 0, 1)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn root_of_any_size_is_that_of_rfc_6962(size in 0_u64..5000) {
        let (edge, _) = edge(size);
        if size > 0 {
            prop_assert_eq!(edge.head().root, reference_root(size));
        }
    }

    #[test]
    fn edge_is_rebuilt_from_its_partial_tiles(size in 0_u64..70_000) {
        let (edge, _) = edge(size);
        let mut levels = vec![Vec::new(); 4];
        for (level, n, hashes) in edge.partial() {
            prop_assert_eq!(n, size >> (8 * (u32::from(level) + 1)));
            levels[usize::from(level)] = hashes.to_vec();
        }
        let rebuilt = Edge::from_levels(size, levels.clone()).unwrap();
        prop_assert_eq!(rebuilt.head(), edge.head());
        prop_assert!(Edge::from_levels(size + 1, levels.clone()).is_none());
        prop_assert!(Edge::from_levels(size + TILE_WIDTH, levels).is_none());
    }
}
