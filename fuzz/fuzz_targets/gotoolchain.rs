#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| goshim_fuzz::gotoolchain(data));
