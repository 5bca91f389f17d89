//! The fuzz targets' seeds, and whatever fuzzing found before, through the fuzz targets themselves.

use std::path::Path;

#[expect(unreachable_pub, reason = "for cargo-fuzz it is a crate of its own")]
#[path = "../../../../fuzz/src/lib.rs"]
mod goshim_fuzz;

use goshim_fuzz::TARGETS;

#[test]
fn every_seed_passes_its_target() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    for (name, target) in TARGETS {
        let mut count = 0;
        for entry in fs_err::read_dir(fuzz.join("seeds").join(name)).unwrap() {
            let file = entry.unwrap().path();
            let data = fs_err::read(&file).unwrap();
            let passed = std::panic::catch_unwind(|| target(&data));
            assert!(passed.is_ok(), "{}", file.display());
            count += 1;
        }
        assert!(count >= 5, "{name} has {count} seeds");
        let program = fs_err::read_to_string(fuzz.join(format!("fuzz_targets/{name}.rs")));
        assert!(
            program
                .unwrap()
                .contains(&format!("goshim_fuzz::{name}(data)"))
        );
    }
    let names = |dir: &str| fs_err::read_dir(fuzz.join(dir)).unwrap().count();
    assert_eq!(names("seeds"), TARGETS.len());
    assert_eq!(names("fuzz_targets"), TARGETS.len());
}
