//! Generated meshes of cross-certified CAs with both kinds of keys: the verdict equals that of an
//! independent oracle, and on what they support those of OpenSSL, GnuTLS and rustls-webpki.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod build;
mod der;
mod generate;
mod judge;
mod keys;
mod oracle;
mod scope;
#[path = "../support/skip.rs"]
mod skip;
mod spec;
mod strangers;
#[path = "../support/verifier.rs"]
mod verifier;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use proptest::test_runner::{Config, TestCaseError, TestRunner};

use crate::build::Built;
use crate::scope::Scope;
use crate::spec::Case;
use crate::strangers::Program;

#[test]
fn verdict_and_policies_equal_the_oracles_in_sixteen_orders() {
    let cases = choose(2_000, 30_000);
    let accepted = Cell::new(0_u32);
    let paths = RefCell::new(BTreeMap::<_, u32>::new());
    runner(cases)
        .run(&generate::case(Scope::ALL), |case| {
            let built = Built::new(&case);
            let opinions = judge::opinions(&case, &built);
            judge::against_oracle(&case, &built, &opinions).map_err(TestCaseError::fail)?;
            let good = opinions.iter().any(|(_, verdict)| verdict.is_ok());
            accepted.set(accepted.get() + u32::from(good));
            for (_, verdict) in &opinions {
                *paths
                    .borrow_mut()
                    .entry(verdict.as_ref().err().copied())
                    .or_default() += 1;
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    // A generator that makes nothing but rubbish, or nothing but good meshes, would show little.
    let share = accepted.get() * 100 / cases;
    println!("{share} % of {cases} meshes are accepted; paths: {paths:#?}");
    assert!((10..90).contains(&share), "{share} % of {cases} accepted");
    for rule in oracle::RULES {
        assert!(
            paths.borrow().contains_key(&Some(*rule)),
            "no path breaks {rule}"
        );
    }
}

#[test]
fn every_way_of_asking_gives_one_answer() {
    runner(choose(200, 5_000))
        .run(&generate::case(Scope::ALL), |case| {
            judge::in_other_ways(&case, &Built::new(&case)).map_err(TestCaseError::fail)
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn rustls_webpki_agrees_on_meshes() {
    agree(Scope::WEBPKI, choose(500, 20_000), |case, built| {
        Some((strangers::webpki(case, built)?, String::new()))
    });
}

#[test]
fn rustls_webpki_agrees_on_path_lengths() {
    agree(Scope::WEBPKI_CHAINS, choose(500, 20_000), |case, built| {
        Some((strangers::webpki(case, built)?, String::new()))
    });
}

#[test]
fn openssl_agrees_on_chains() {
    let Some(openssl) = Program::or_skip("openssl", "mesh-openssl-chains") else {
        return;
    };
    agree(Scope::OPENSSL, choose(150, 5_000), |case, built| {
        Some(openssl.openssl(case, built))
    });
}

/// It may miss a path that there is, but finds none that is not.
#[test]
fn what_openssl_accepts_in_a_mesh_is_accepted() {
    let Some(openssl) = Program::or_skip("openssl", "mesh-openssl-meshes") else {
        return;
    };
    let scope = Scope {
        mesh: true,
        ..Scope::OPENSSL
    };
    agree(scope, choose(100, 5_000), |case, built| {
        Some(openssl.openssl(case, built)).filter(|(accepted, _)| *accepted)
    });
}

#[test]
fn gnutls_agrees_on_chains() {
    let Some(certtool) = Program::or_skip("certtool", "mesh-gnutls") else {
        return;
    };
    agree(Scope::GNUTLS, choose(100, 5_000), |case, built| {
        Some(certtool.gnutls(case, built))
    });
}

/// Our verdict is the stranger's whenever it has one.
fn agree(scope: Scope, cases: u32, stranger: impl Fn(&Case, &Built) -> Option<(bool, String)>) {
    let tally = [const { Cell::new(0_u32) }; 2];
    runner(cases)
        .run(&generate::case(scope), |case| {
            let built = Built::new(&case);
            let Some((theirs, said)) = stranger(&case, &built) else {
                return Ok(());
            };
            let order: Vec<_> = (0..built.intermediates.len()).collect();
            let ours = judge::ours(&case, &built, &order);
            if ours.is_ok() != theirs {
                let ours = ours.map(|path| path.positions().to_vec());
                return Err(TestCaseError::fail(format!(
                    "ours: {ours:?}; theirs: {theirs} {said}"
                )));
            }
            let count = &tally[usize::from(theirs)];
            count.set(count.get() + 1);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    let [refused, accepted] = tally.map(Cell::into_inner);
    println!("both: {accepted} accepted, {refused} refused, of {cases}");
    assert!(accepted >= cases / 10, "{accepted} of {cases} accepted");
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    })
}

/// `short`, or `long` in the long form of `./test`.
#[expect(clippy::disallowed_methods, reason = "how ./test speaks to the tests")]
fn choose<T>(short: T, long: T) -> T {
    if std::env::var("KASANE_LONG").is_ok_and(|value| value == "1") {
        long
    } else {
        short
    }
}
