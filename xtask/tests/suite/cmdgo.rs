//! `goshim why --as-go` equals cmd/go: by observations that were written down, and by asking real binaries.

use xtask::{differential, vectors};

use crate::product::product;

#[test]
fn every_observation_of_a_startup_holds() {
    let report = vectors::check(&vectors::of_the_project(), &product().goshim).unwrap();
    println!("{report}");
    assert_eq!(report.total(), 306);
    report.is_passed().unwrap();
}

#[test]
fn random_cases_have_the_answer_of_real_binaries() {
    let report = differential::compare(&product().goshim, 5_000, 1).unwrap();
    println!("{report}");
    assert!(report.differences.is_empty(), "{report}");
    assert_eq!(report.cases, 5_000);
    // Cases that all ended in one way would say little.
    for outcome in ["local", "path", "download", "not-found", "refused"] {
        let count = report.outcomes.get(outcome).copied().unwrap_or_default();
        assert!(count >= 50, "only {count} cases ended as {outcome}");
    }
}
