//! Structured fills compared with the values that PyTorch and Keras print.

use fanin_tests::levels::assert_same;
use init_core::stft::Stft;
use init_core::{Initializer, Layout, Resolved, Shape, Structured};
use init_kernels::{Stream, fill};
use serde_json::Value;

fn cases(text: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(text).expect("JSON");
    all["cases"].as_array().expect("cases").clone()
}

fn sizes(value: &Value) -> Vec<usize> {
    value.as_array().expect("numbers").iter().map(|size| size.as_u64().expect("a size") as usize).collect()
}

/// `eye_` and `dirac_`, bit for bit.
#[test]
fn eye_and_dirac_equal_those_of_torch() {
    let cases = cases(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/structured.json")));
    assert!(cases.len() >= 8);
    for case in cases {
        let text = case["initializer"].as_str().expect("text");
        let initializer: Initializer = text.parse().expect("an initializer");
        let shape = Shape::new(sizes(&case["shape"])).expect("a shape");
        let resolved = initializer.resolve(&shape, &Layout::Torch).expect(text);
        assert!(matches!(resolved, Resolved::Structured(_)), "{text}");
        let mut expected = vec![0_f32; shape.numel() as usize];
        sizes(&case["ones"]).into_iter().for_each(|index| expected[index] = 1.0);
        let mut found = vec![f32::MAX; expected.len()];
        fill(&mut found, &resolved, Stream::new(42)).expect(text);
        assert_same(&found, &expected, || format!("{text} of {shape}"));
    }
}

/// Keras's angles are rounded products with a rounded π, so its values are off by about 1e-15; ours are not,
/// and a zero is exactly 0.
#[test]
fn stft_kernels_equal_those_of_keras() {
    let cases = cases(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/stft.json")));
    assert!(cases.len() >= 28);
    for case in cases {
        let word = |field: &str| case[field].as_str().expect("a word");
        let [frame, channels, bins] = sizes(&case["shape"])[..] else { panic!("three sizes") };
        let structured = Structured::Stft(Stft {
            frame,
            channels,
            bins,
            side: word("side").parse().expect("a side"),
            window: word("window").parse().expect("a window"),
            scaling: word("scaling").parse().expect("a scaling"),
            periodic: case["periodic"].as_bool().expect("a truth"),
        });
        let mut found = vec![f64::MAX; structured.len() as usize];
        fill(&mut found, &structured, Stream::new(0)).expect("fits");
        for (index, expected) in case["values"].as_array().expect("numbers").iter().enumerate() {
            let (found, expected) = (found[index], expected.as_f64().expect("a number"));
            assert!((found - expected).abs() < 1e-14, "{structured}, {index}: {found} for {expected}");
            assert!(expected.abs() > 1e-14 || found.abs() < 1e-16, "{structured}, {index}: {found} for {expected}");
        }
    }
}
