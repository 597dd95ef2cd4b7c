//! Requests that must be refused, straight at the authority.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::collections::BTreeSet;
use std::path::Path;

use kasane_ca_core::authority::IssueOrder;
use kasane_ca_core::key_quality::WeakKeys;
use kasane_ca_core::registration::{CheckDigit, Identity};
use kasane_ca_core::request::EnrolmentRequest;
use kasane_ca_core::{Error, Requester};
use kasane_tests::bad_request::{self, BadRequest};
use kasane_tests::sample::Sample;

#[test]
fn each_bad_request_has_its_own_code_and_leaves_no_trace() {
    let sample = Sample::make(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("refusals"));
    let size = sample.authority.ledger().size();
    let mut codes = BTreeSet::new();
    for bad in bad_request::every(&sample.folder) {
        let error = issue(&sample, &bad).unwrap_err();
        assert_eq!(error.code(), bad.code, "{}: {error}", bad.name);
        assert!(codes.insert(bad.code), "{} shares its code", bad.name);
        assert!(error.to_string().len() < 400, "{}: {error}", bad.name);
    }
    assert_eq!(
        sample.authority.ledger().size(),
        size,
        "nothing was recorded"
    );
}

fn issue(sample: &Sample, bad: &BadRequest) -> Result<(), Error> {
    let identity = Identity::parse(&format!("facility/{}/1", bad.facility), CheckDigit::Enforce)?;
    let request = EnrolmentRequest::parse(&bad.csr, &WeakKeys::built_in().unwrap())?;
    let order = IssueOrder {
        profile: bad.profile.to_owned(),
        identity,
        request,
        request_key: None,
        renews: None,
    };
    sample
        .authority
        .issue(&Requester::local_user(1000), order)
        .map(drop)
}
