//! As a plain store, whatever is gathered, handed on or there already.

use proptest::prelude::*;

use super::*;
use crate::store::{MemoryTables, digest};

#[derive(Clone, Debug)]
enum Step {
    Put(u8, u8),
    Remove(u8),
    Flush,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any::<u8>(), any::<u8>()).prop_map(|(key, value)| Step::Put(key % 32, value)),
        3 => any::<u8>().prop_map(|key| Step::Remove(key % 32)),
        1 => Just(Step::Flush),
    ]
}

fn rows(tables: &dyn Tables, prefix: &[u8], from: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    tables
        .scan(Table::Issuers, prefix, from, &mut |key, value| {
            found.push((key.to_vec(), value.to_vec()));
            true
        })
        .unwrap();
    found
}

proptest! {
    #[test]
    fn reads_and_scans_are_those_of_a_plain_store(
        steps in proptest::collection::vec(step(), 1..80),
        from in any::<u8>(),
    ) {
        let plain = MemoryTables::default();
        let behind = WriteBehind::new(Arc::new(MemoryTables::default())).unwrap();
        for step in steps {
            for tables in [&plain as &dyn Tables, &behind] {
                let mut writes = WriteSet::default();
                match step {
                    Step::Put(key, value) => {
                        writes.put(Table::Issuers, vec![key / 8, key], vec![value]);
                    }
                    Step::Remove(key) => writes.remove(Table::Issuers, vec![key / 8, key]),
                    Step::Flush => tables.flush().unwrap(),
                }
                tables.commit(writes).unwrap();
            }
            for key in 0..32 {
                let key = [key / 8, key];
                prop_assert_eq!(
                    plain.read(Table::Issuers, &key).unwrap(),
                    behind.read(Table::Issuers, &key).unwrap()
                );
            }
            for prefix in [&[][..], &[1], &[2]] {
                let from = [from % 4, from % 32];
                prop_assert_eq!(rows(&plain, prefix, &from), rows(&behind, prefix, &from));
                prop_assert_eq!(
                    plain.first(Table::Issuers, prefix, &from).unwrap(),
                    behind.first(Table::Issuers, prefix, &from).unwrap()
                );
            }
        }
        prop_assert_eq!(digest(&plain).unwrap(), digest(&behind).unwrap());
    }
}

#[test]
fn early_end_of_a_scan_is_kept() {
    let behind = WriteBehind::new(Arc::new(MemoryTables::default())).unwrap();
    for (key, flush) in [(1, true), (2, false), (3, true), (4, false)] {
        let mut writes = WriteSet::default();
        writes.put(Table::Issuers, vec![key], vec![key]);
        behind.commit(writes).unwrap();
        if flush {
            behind.flush().unwrap();
        }
    }
    for most in 1..=4 {
        let mut seen = 0;
        behind
            .scan(Table::Issuers, &[], &[], &mut |_, _| {
                seen += 1;
                seen < most
            })
            .unwrap();
        assert_eq!(seen, most);
    }
}

/// Refuses every commit.
struct Broken;

impl Tables for Broken {
    fn read(&self, _: Table, _: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(None)
    }
    fn scan(&self, _: Table, _: &[u8], _: &[u8], _: &mut Visit<'_>) -> Result<(), StoreError> {
        Ok(())
    }
    fn commit(&self, _: WriteSet) -> Result<(), StoreError> {
        Err(StoreError::Damaged { table: "rows" })
    }
    fn wipe(&self) -> Result<(), StoreError> {
        Ok(())
    }
    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[test]
fn failing_backend_is_told_and_its_rows_stay_readable() {
    let behind = WriteBehind::new(Arc::new(Broken)).unwrap();
    let mut writes = WriteSet::default();
    writes.put(Table::Issuers, vec![1], vec![1]);
    behind.commit(writes).unwrap();
    assert!(behind.flush().is_err());
    assert!(behind.commit(WriteSet::default()).is_err());
    assert_eq!(behind.read(Table::Issuers, &[1]).unwrap(), Some(vec![1]));
}
