//! Layers as the frameworks create them: every parameter resolves, to the numbers of the framework.

use init_core::{
    Fans, ShapeError,
    layer::{self, ConvSizes, Framework, GateOpening, Layer, LayerParameter},
    scheme::{DeepNorm, Multipliers, Mup, Optimizer, Role, Stack, TFixup, layer_scale},
};

fn layers(framework: Framework) -> Vec<(&'static str, Result<Vec<LayerParameter>, ShapeError>)> {
    let sizes = ConvSizes { inputs: 6, outputs: 8, kernel: vec![3, 5], groups: 2 };
    vec![
        ("linear", layer::linear(framework, 12, 8)),
        ("conv", layer::conv(framework, &sizes)),
        ("embedding", layer::embedding(framework, 10, 4, None)),
        ("padded embedding", layer::embedding(framework, 10, 4, Some(-1))),
        ("lstm", layer::lstm(framework, 6, 4, GateOpening::Default)),
        ("lstm, forget", layer::lstm(framework, 6, 4, GateOpening::Forget)),
        ("lstm, chrono", layer::lstm(framework, 6, 4, GateOpening::Chrono { longest: 20.0 })),
        ("gru", layer::gru(framework, 6, 4)),
        ("attention", layer::multihead_attention(framework, 8, 2, 4)),
        ("norm", layer::norm(framework, 8)),
    ]
}

#[test]
fn every_parameter_resolves() {
    for framework in Framework::ALL {
        for (name, layer) in layers(framework) {
            let layer = layer.unwrap();
            assert!(!layer.is_empty());
            for (i, parameter) in layer.iter().enumerate() {
                let resolved = parameter.initializer.resolve(&parameter.shape, &parameter.layout);
                assert!(resolved.is_ok(), "{framework} {name} {}: {resolved:?}", parameter.name);
                assert!(layer[..i].iter().all(|before| before.name != parameter.name), "{name}");
            }
        }
    }
}

#[test]
fn layers_are_found_by_name_and_take_their_sizes_as_a_list() {
    for (name, sizes, expected) in [
        ("linear", &[12, 8][..], layer::linear(Framework::Torch, 12, 8)),
        ("nn.Linear", &[12, 8], layer::linear(Framework::Torch, 12, 8)),
        ("Dense", &[12, 8], layer::linear(Framework::Torch, 12, 8)),
        ("LayerNorm", &[8], layer::norm(Framework::Torch, 8)),
        ("nn.BatchNorm2d", &[8], layer::norm(Framework::Torch, 8)),
        ("Embedding", &[10, 4], layer::embedding(Framework::Torch, 10, 4, None)),
        ("LSTM", &[6, 4], layer::lstm(Framework::Torch, 6, 4, GateOpening::Default)),
        ("gru", &[6, 4], layer::gru(Framework::Torch, 6, 4)),
        ("MultiheadAttention", &[8, 2], layer::multihead_attention(Framework::Torch, 8, 2, 4)),
    ] {
        let layer: Layer = name.parse().unwrap();
        assert_eq!(layer.parameters(Framework::Torch, sizes).unwrap(), expected.unwrap(), "{name}");
    }
    let kernel = |sizes: &[usize]| {
        let parameters = Layer::Conv2d.parameters(Framework::Torch, sizes).unwrap();
        parameters[0].shape.to_string()
    };
    assert_eq!(kernel(&[3, 64, 7]), "[64, 3, 7, 7]");
    assert_eq!(kernel(&[3, 64, 7, 5]), "[64, 3, 7, 5]");
    for layer in Layer::ALL {
        for framework in Framework::ALL {
            let sizes: Vec<_> = layer.sizes().iter().map(|_| 4).collect();
            assert!(layer.parameters(framework, &sizes).is_ok(), "{layer} {framework}");
            let error = layer.parameters(framework, &[]).unwrap_err().to_string();
            assert!(error.contains(&layer.sizes().join(", ")), "{error}");
        }
    }
    assert!("perceptron".parse::<Layer>().unwrap_err().to_string().contains("expected one of linear, conv1d"));
}

#[test]
fn recurrent_gates_open_as_requested() {
    for framework in Framework::ALL {
        let biases = |opening| {
            let layer = layer::lstm(framework, 6, 4, opening).unwrap();
            let biases = layer.iter().filter(|parameter| parameter.name.contains("bias"));
            biases.map(|parameter| parameter.initializer.to_string()).collect::<Vec<_>>()
        };
        let rest = match framework {
            Framework::Torch => vec!["zeros"],
            _ => vec![],
        };
        assert_eq!(biases(GateOpening::Forget), [&["gate_bias"][..], &rest].concat());
        let chrono = GateOpening::Chrono { longest: 20.0 };
        assert_eq!(biases(chrono), [&["chrono(longest=20)"][..], &rest].concat());
    }
    let keras = layer::lstm(Framework::Keras, 6, 4, GateOpening::Default).unwrap();
    assert_eq!(keras[2].initializer.to_string(), "gate_bias");
}

#[test]
fn sizes_that_overflow_are_errors() {
    for framework in Framework::ALL {
        assert!(layer::linear(framework, usize::MAX, 2).is_err());
        assert!(layer::lstm(framework, 2, usize::MAX, GateOpening::Default).is_err());
        assert!(layer::gru(framework, 2, usize::MAX).is_err());
        assert!(layer::multihead_attention(framework, usize::MAX, 2, 2).is_err());
        assert!(layer::embedding(framework, usize::MAX, 2, None).is_err());
        let sizes = ConvSizes { inputs: 3, outputs: 8, kernel: vec![usize::MAX, 3], groups: 0 };
        assert!(layer::conv(framework, &sizes).is_err());
    }
    assert_eq!(layer::linear(Framework::Torch, 0, 2).unwrap()[1].initializer.to_string(), "uniform(low=-0, high=0)");
}

#[test]
fn at_the_base_width_nothing_is_scaled() {
    for role in [Role::Input, Role::Hidden, Role::Output] {
        for optimizer in [Optimizer::Adam, Optimizer::Sgd] {
            let fans = Fans { fan_in: 64.0, fan_out: 256.0 };
            let base = Mup { role, fans, base: fans };
            let found = base.parametrization(1.0, optimizer);
            assert_eq!(found.multipliers, Multipliers::ONE);
            assert_eq!(found.initializer.to_string(), "normal(std=0.125)");
            // A step of the output's product, in widths: std · forward falls as 1 / width.
            let fans = Fans { fan_in: 256.0, fan_out: 1024.0 };
            let wide = Mup { fans, ..base }.parametrization(1.0, optimizer).multipliers;
            let expected = match (role, optimizer) {
                (Role::Input, Optimizer::Adam) => (1.0, 1.0),
                (Role::Input, Optimizer::Sgd) => (1.0, 4.0),
                (Role::Hidden, Optimizer::Adam) => (1.0, 0.25),
                (Role::Hidden, Optimizer::Sgd) => (1.0, 1.0),
                (Role::Output, Optimizer::Adam) => (0.25, 1.0),
                (Role::Output, Optimizer::Sgd) => (0.25, 4.0),
            };
            assert_eq!((wide.forward, wide.learning_rate), expected, "{role:?} {optimizer:?}");
        }
    }
}

#[test]
fn depth_schemes_have_the_papers_numbers() {
    let encoder = DeepNorm::new(Stack::Encoder { encoder: 18, decoder: 18 });
    let size = (18_f64.powi(4) * 18.0).powf(1.0 / 16.0);
    assert!((encoder.alpha - 0.81 * size).abs() < 1e-14 && (encoder.beta - 0.87 / size).abs() < 1e-15);
    let decoder = DeepNorm::new(Stack::Decoder { decoder: 18 });
    assert!((decoder.alpha - 54_f64.powf(0.25)).abs() < 1e-14 && (decoder.beta - 216_f64.powf(-0.25)).abs() < 1e-15);
    let t_fixup = TFixup { layers: 6 };
    assert!((t_fixup.encoder_scale() - 0.67 * 6_f64.powf(-0.25)).abs() < 1e-15);
    let scales = [1, 18, 19, 24, 25].map(|layers| layer_scale(layers).to_string());
    assert_eq!(scales.iter().filter(|scale| *scale == "constant(value=0.1)").count(), 2);
    assert_eq!(scales[4], "constant(value=1e-6)");
}
