//! The trainer: gradients against differences, steps against a plain loop, and results on the
//! digits.

use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicU64, Ordering},
};

use init_core::Activation;
use init_data::{
    Data, Labels, Matrix, Network,
    trainer::{Curve, Examples, Split, Targets, TrainError, Training, softmax_cross_entropy, squared_error},
};
use init_kernels::{Cancelled, Progress, Stream};

fn digits() -> (Examples, Examples) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/digits.csv.gz");
    let data = Data::read(path, Labels::Last).unwrap();
    let labels = data.labels.clone().unwrap();
    let split = Split::by_class(&labels, 0.2, Stream::new(0).child("split"));
    let all = Examples { inputs: data.unit_scaled(), targets: Targets::Classes(labels) };
    (all.select(&split.train), all.select(&split.test))
}

/// Draws a network with a linear last layer.
fn network(sizes: &[usize], activation: Activation, init: &str, seed: u64) -> Network {
    let mut network = Network::drawn(sizes, activation, 0.0, &init.parse().unwrap(), Stream::new(seed)).unwrap();
    network.layers.last_mut().unwrap().activation = Activation::Linear;
    network
}

const TRAINING: Training = Training { epochs: 5, batch: 32, learning_rate: 0.05, momentum: 0.9 };

#[test]
fn gradients_of_both_losses_are_those_of_finite_differences() {
    // Multiples of the step, so that f32 moves them exactly.
    let outputs = Matrix::new(3, 4, (0..12).map(|i| ((i * 173) % 1024) as f32 / 256.0 - 2.0).collect()).unwrap();
    let values = Matrix::new(3, 4, (0..12).map(|i| (i as f32 * 0.3).cos()).collect()).unwrap();
    for targets in [Targets::Classes(vec![2, 0, 3]), Targets::Values(values)] {
        let loss = targets.loss(&outputs);
        for index in 0..12 {
            let moved = |by: f32| {
                let mut outputs = outputs.clone();
                outputs.values_mut()[index] += by;
                targets.loss(&outputs).value
            };
            let difference = (moved(1.0 / 256.0) - moved(-1.0 / 256.0)) * 128.0;
            assert!((f64::from(loss.gradient.values()[index]) - difference).abs() < 1e-5, "{index}");
        }
    }
    // And through the network, the gradient of the training loss.
    let network = network(&[4, 5, 3], Activation::Tanh, "xavier_normal", 2);
    let inputs = Matrix::new(6, 4, (0..24).map(|i| (i as f32 * 0.7).sin()).collect()).unwrap();
    let classes = [0, 1, 2, 2, 1, 0];
    let pass = network.forward(&inputs);
    let gradients = network.backward(&pass, softmax_cross_entropy(pass.output(), &classes).gradient);
    for (layer, index) in [(0, 0), (0, 13), (1, 4), (1, 14)] {
        let moved = |by: f32| {
            let mut network = network.clone();
            network.layers[layer].weight.values_mut()[index] += by;
            softmax_cross_entropy(network.forward(&inputs).output(), &classes).value
        };
        let difference = (moved(1.0 / 128.0) - moved(-1.0 / 128.0)) * 64.0;
        let given = f64::from(gradients.layers[layer].0.values()[index]);
        assert!((given - difference).abs() < 1e-4, "{layer} {index}: {given} {difference}");
    }
}

#[test]
fn softmax_neither_overflows_nor_loses_precision() {
    let outputs = Matrix::new(2, 3, vec![3e38, -3e38, 0.0, -1e4, -1e4, -1e4]).unwrap();
    let loss = softmax_cross_entropy(&outputs, &[0, 1]);
    assert!((loss.value - 3.0_f64.ln() / 2.0).abs() < 1e-12);
    assert!(loss.gradient.values().iter().all(|x| x.is_finite()));
    let lost = softmax_cross_entropy(&outputs, &[1, 1]);
    assert!(lost.value > 1e38 && lost.value.is_finite());
    assert_eq!(squared_error(&outputs, &outputs).value, 0.0);
}

/// Full batches on a network of one weight, against the recurrence of SGD with momentum written
/// out.
#[test]
fn training_takes_the_steps_of_the_recurrence() {
    let inputs = Matrix::new(2, 1, vec![1.0, 2.0]).unwrap();
    let values = Matrix::new(2, 1, vec![3.0, 6.0]).unwrap();
    let examples = Examples { inputs, targets: Targets::Values(values) };
    let mut trained = network(&[1, 1], Activation::Linear, "zeros", 0);
    let training = Training { epochs: 4, batch: 2, learning_rate: 0.125, momentum: 0.5 };
    let curve = training.run(&mut trained, &examples, &examples, Stream::new(0), Progress::none()).unwrap();
    let (mut w, mut b, mut vw, mut vb) = (0.0_f64, 0.0_f64, 0.0, 0.0);
    let mut losses = Vec::new();
    for _ in 0..4 {
        let errors = [w + b - 3.0, 2.0 * w + b - 6.0];
        losses.push((errors[0] * errors[0] + errors[1] * errors[1]) / 4.0);
        vw = 0.5 * vw - 0.125 * (errors[0] + 2.0 * errors[1]) / 2.0;
        vb = 0.5 * vb - 0.125 * (errors[0] + errors[1]) / 2.0;
        (w, b) = (w + vw, b + vb);
    }
    assert!((f64::from(trained.layers[0].weight.values()[0]) - w).abs() < 1e-6);
    assert!((f64::from(trained.layers[0].bias[0]) - b).abs() < 1e-6);
    assert!(curve.losses.iter().zip(&losses).all(|(found, expected)| (found - expected).abs() < 1e-5));
    assert_eq!(curve.errors.len(), 5);
}

#[test]
fn a_split_has_every_example_once_and_the_same_fraction_of_each_class() {
    let classes: Vec<u32> = (0..1000).map(|i| if i % 10 == 0 { 3 } else { i % 2 }).collect();
    let split = Split::by_class(&classes, 0.2, Stream::new(1));
    let mut all = [&split.train[..], &split.test[..]].concat();
    all.sort_unstable();
    assert_eq!(all, (0..1000).collect::<Vec<_>>());
    let count = |rows: &[usize], class: u32| rows.iter().filter(|&&row| classes[row] == class).count();
    for class in 0..4 {
        let total = count(&all, class);
        assert_eq!(count(&split.test, class), (total as f64 * 0.2).round() as usize, "{class}");
    }
    assert_ne!(split, Split::by_class(&classes, 0.2, Stream::new(2)));
    assert_eq!(Split::plain(10, 0.3, Stream::new(1)).test.len(), 3);
}

/// 30 layers of rectifiers, from He's normal distribution and from U(±1/√n), whose standard
/// deviation is 1/√3 of LeCun's.
#[test]
fn a_rectifier_net_of_depth_30_trains_from_kaiming_and_not_from_the_standard_distribution() {
    let (train, test) = digits();
    let sizes = [&[64][..], &[64; 30], &[10]].concat();
    let training = Training { epochs: 25, batch: 32, learning_rate: 0.002, momentum: 0.9 };
    let trained = |init: &str| {
        let mut network = network(&sizes, Activation::Relu, init, 0);
        training.run(&mut network, &train, &test, Stream::new(0).child("order"), Progress::none()).unwrap()
    };
    let kaiming = trained("kaiming_normal(nonlinearity=relu)");
    assert!(kaiming.final_error() < 0.15, "{:?}", kaiming.errors);
    let standard = trained("variance_scaling(scale=0.3333333333333333, mode=fan_in, distribution=uniform)");
    // Ten classes, about equally common: a constant answer is wrong in nine cases of ten.
    assert!(
        standard.final_error() > 0.85 && standard.errors.iter().all(|&error| error > 0.85),
        "{:?}",
        standard.errors
    );
    assert!((standard.losses[24] - 10.0_f64.ln()).abs() < 0.01, "{:?}", standard.losses);
}

#[test]
fn an_autoencoder_learns_to_reconstruct() {
    let (train, test) = digits();
    let (train, test) = (Examples::reconstructing(train.inputs), Examples::reconstructing(test.inputs));
    let mut network = network(&[64, 32, 8, 32, 64], Activation::Tanh, "xavier_uniform", 0);
    let training = Training { epochs: 10, learning_rate: 0.02, ..TRAINING };
    let curve = training.run(&mut network, &train, &test, Stream::new(0), Progress::none()).unwrap();
    // The error of the mean of each pixel is its variance, 0.0734 on average.
    assert!(curve.final_error() < 0.04 && curve.losses[9] < curve.losses[0], "{curve:?}");
}

#[test]
fn too_high_a_learning_rate_is_reported_with_the_epoch_in_which_training_diverged() {
    let (train, test) = digits();
    let run = |learning_rate: f64, init: &str| {
        let epochs = AtomicU64::new(0);
        let mut network = network(&[64, 32, 32, 10], Activation::Linear, init, 0);
        let training = Training { learning_rate, ..TRAINING };
        let report = |done| {
            epochs.fetch_add(done, Ordering::Relaxed);
            ControlFlow::Continue(())
        };
        let curve = training.run(&mut network, &train, &test, Stream::new(0), Progress::new(&report)).unwrap();
        assert_eq!(epochs.load(Ordering::Relaxed), 5, "every epoch is reported");
        curve
    };
    let wild = run(1e4, "xavier_uniform");
    assert_eq!(wild.diverged, Some(1));
    assert_eq!((wild.errors.len(), wild.losses.len()), (1, 0));
    assert_eq!(run(0.01, "normal(0, 1e30)").diverged, Some(0), "not finite to begin with");
    let tame = run(0.01, "xavier_uniform");
    assert_eq!((tame.diverged, tame.errors.len(), tame.losses.len()), (None, 6, 5));
}

#[test]
fn training_can_be_cancelled_after_an_epoch() {
    let (train, test) = digits();
    let mut network = network(&[64, 16, 10], Activation::Relu, "xavier_uniform", 0);
    let stop = |_| ControlFlow::Break(());
    let trained = TRAINING.run(&mut network, &train, &test, Stream::new(0), Progress::new(&stop));
    assert_eq!(trained, Err(TrainError::Cancelled(Cancelled)));
}

#[test]
fn training_has_the_same_bits_on_any_number_of_threads() {
    let (train, test) = digits();
    let on = |threads| -> (Network, Curve) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut network = network(&[64, 128, 128, 10], Activation::Gelu, "xavier_uniform", 0);
        let training = Training { epochs: 2, batch: 100, ..TRAINING };
        let curve =
            pool.install(|| training.run(&mut network, &train, &test, Stream::new(0), Progress::none())).unwrap();
        (network, curve)
    };
    let first = on(1);
    assert!(on(3) == first && on(2) == first);
}

#[test]
fn invalid_settings_and_examples_are_refused() {
    let (train, test) = digits();
    let network = network(&[64, 8, 10], Activation::Relu, "xavier_uniform", 0);
    let error = |training: Training, network: &Network, train: &Examples, test: &Examples| {
        training.run(&mut network.clone(), train, test, Stream::new(0), Progress::none()).unwrap_err()
    };
    for wrong in [
        Training { epochs: 0, ..TRAINING },
        Training { batch: 0, ..TRAINING },
        Training { learning_rate: 0.0, ..TRAINING },
        Training { learning_rate: -0.1, ..TRAINING },
        Training { learning_rate: f64::NAN, ..TRAINING },
        Training { learning_rate: 1e300, ..TRAINING },
        Training { momentum: 1.0, ..TRAINING },
        Training { momentum: f64::NAN, ..TRAINING },
    ] {
        assert!(matches!(error(wrong, &network, &train, &test), TrainError::Setting { .. }), "{wrong:?}");
    }
    let none = train.select(&[]);
    assert_eq!(error(TRAINING, &network, &none, &test), TrainError::Empty { part: "train" });
    assert_eq!(error(TRAINING, &network, &train, &none), TrainError::Empty { part: "test" });
    assert_eq!(error(TRAINING, &Network::default(), &train, &test), TrainError::NoLayer);
    let mut wrong = train.clone();
    wrong.targets = Targets::Classes(vec![10; train.len()]);
    let shape = TrainError::Shape { part: "train", inputs: 64, outputs: 10 };
    assert_eq!(error(TRAINING, &network, &wrong, &test), shape);
    wrong.targets = Targets::Classes(vec![0; 3]);
    assert_eq!(error(TRAINING, &network, &wrong, &test), shape);
    wrong.targets = Targets::Values(Matrix::zeros(train.len(), 9));
    assert_eq!(error(TRAINING, &network, &wrong, &test), shape);
}

#[test]
fn an_output_that_is_nan_or_constant_is_wrong() {
    let outputs = Matrix::new(3, 2, vec![f32::NAN, f32::NAN, 1.0, 1.0, 1.0, 1.0]).unwrap();
    assert_eq!(Targets::Classes(vec![0, 0, 1]).error(&outputs), 2.0 / 3.0);
}
