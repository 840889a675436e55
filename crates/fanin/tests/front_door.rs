//! The one-call functions agree with the crates below, and refuse what does not match.

use fanin::{FillError, Filler, InitError, Initializer, Layout, Level, Options, Shape, Stream, fill};

const STREAM: Stream = Stream::from_key(1, 2);

#[test]
fn a_tensor_has_the_values_of_resolve_and_fill() {
    for (text, layout) in [("xavier_uniform", "torch"), ("lecun_normal", "jax"), ("orthogonal", "keras")] {
        let (layout, shape) = (layout.parse::<Layout>().unwrap(), Shape::new([48, 32]).unwrap());
        let initializer: Initializer = text.parse().unwrap();
        let mut expected = vec![0f64; 48 * 32];
        fill(&mut expected, &initializer.resolve(&shape, &layout).unwrap(), STREAM).unwrap();

        let options = Options::new().layout(layout);
        let mut given = vec![0f64; 48 * 32];
        fanin::init_with(&mut given, [48, 32], text, STREAM, &options).unwrap();
        assert_eq!(given, expected);
        fanin::init_with(&mut given, vec![48, 32], &initializer, STREAM, &options).unwrap();
        assert_eq!(given, expected);

        let mut columns = vec![0f64; 48 * 2];
        fanin::init_shard(&mut columns, &[48, 32], &[0, 30], &[48, 2], initializer, STREAM, &options).unwrap();
        assert!(columns.chunks(2).zip(expected.chunks(32)).all(|(part, row)| part == &row[30..]));
    }
}

#[test]
fn neither_the_level_nor_the_threads_change_a_value() {
    let (mut fast, mut slow) = (vec![0f32; 300 * 300], vec![0f32; 300 * 300]);
    fanin::init(&mut fast, [300, 300], "he_normal", STREAM).unwrap();
    let options = Options::default().filler(Filler::new().level(Level::Portable).threads(1));
    fanin::init_with(&mut slow, [300, 300], &"he_normal".to_owned(), STREAM, &options).unwrap();
    assert_eq!(fast, slow);
}

#[test]
fn a_call_that_is_refused_writes_nothing_and_says_why() {
    let options = Options::new();
    let mut buffer = [7f32; 12];
    let error = fanin::init(&mut buffer, [3, 5], "ones", STREAM).unwrap_err();
    assert_eq!(
        error.to_string(),
        "shape [3, 5] has 15 elements, but the buffer has 12; pass a buffer of exactly that length"
    );
    let error = fanin::init(&mut buffer, [3, 4], "xavier_unifrom", STREAM).unwrap_err();
    assert!(matches!(error, InitError::Initializer(_)) && error.to_string().contains("xavier_uniform"), "{error}");
    let error = fanin::init(&mut buffer, [12], "he_normal", STREAM).unwrap_err();
    assert!(matches!(error, InitError::Resolve(_)), "{error}");
    let error = fanin::init(&mut buffer, [usize::MAX, 2], "zeros", STREAM).unwrap_err();
    assert!(matches!(error, InitError::Shape(_)), "{error}");
    let error = fanin::init(&mut buffer, [3, 4], "constant(1e300)", STREAM).unwrap_err();
    assert!(matches!(error, InitError::Fill(FillError::Overflow { .. })), "{error}");
    let error = fanin::init_shard(&mut buffer, &[3, 4], &[1, 0], &[3, 4], "zeros", STREAM, &options).unwrap_err();
    assert!(matches!(error, InitError::Shard(_)), "{error}");
    let error = fanin::init_shard(&mut buffer, &[3, 4], &[0, 0], &[2, 4], "zeros", STREAM, &options).unwrap_err();
    assert!(matches!(error, InitError::Fill(FillError::Length { .. })), "{error}");
    assert_eq!(buffer, [7.0; 12]);
}
