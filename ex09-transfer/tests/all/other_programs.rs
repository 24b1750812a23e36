//! Networks of another program, as safetensors.

use std::fs;

use crate::common::{Place, assert_fails, place_with_network};
use ch11_core::nets::{DeepNet, NamedTensor, build, export_tensors};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};

/// The network's tensors as another program saves them.
fn safetensors_file(change: impl Fn(&mut NamedTensor)) -> Vec<u8> {
    let mut tensors = export_tensors(&build::<DeepNet<5>>(7));
    tensors.iter_mut().for_each(change);
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|it| it.values.iter().flat_map(|value| value.to_le_bytes()).collect()).collect();
    let views = tensors.iter().zip(&bytes).map(|(tensor, bytes)| {
        (tensor.name.as_str(), TensorView::new(Dtype::F32, tensor.shape.clone(), bytes).unwrap())
    });
    serialize(views, None).unwrap()
}

#[test]
fn a_network_of_another_program_is_built_on() {
    let place = Place::new();
    fs::write(place.path("net.safetensors"), safetensors_file(|_| {})).unwrap();
    let flags = ["b", "--epochs", "2", "--seeds", "2", "--pretrained", "net.safetensors"];
    place.train(flags).success();
    // Nothing was trained on the digits 0 to 4, and the frozen layers are those of the file.
    assert!(!place.path("runs/ex08").exists());
    for seed in [42, 43] {
        let fit = place.path(format!("runs/ex09/frozen5/seed-{seed}/final.safetensors"));
        let (ours, theirs) = (fs::read(fit).unwrap(), safetensors_file(|_| {}));
        let [ours, theirs] = [&ours, &theirs].map(|bytes| SafeTensors::deserialize(bytes).unwrap());
        for (name, same) in [("hidden1.weight", true), ("hidden5.bias", true), ("output.weight", false)] {
            assert_eq!(ours.tensor(name).unwrap().data() == theirs.tensor(name).unwrap().data(), same, "{name}");
        }
    }
    fs::rename(place.path("net.safetensors"), place.path("net")).unwrap();
    place.train(["a", "--pretrained", "net"]).success();
}

#[test]
fn beside_a_network_of_another_program_none_of_exercise_8_is_trained() {
    let place = Place::new();
    fs::write(place.path("net.safetensors"), safetensors_file(|_| {})).unwrap();
    place.train(["h", "--epochs", "1", "--augment", "shift", "--pretrained", "net.safetensors"]).success();
    assert!(!place.path("runs/ex08").exists());
    let was_trained = |fit: &str| place.path(format!("runs/ex09/augmented/{fit}/seed-42/final.ckpt")).exists();
    assert!(was_trained("frozen5_8b") && was_trained("scratch") && !was_trained("frozen5_8f"));
}

#[test]
fn our_own_weights_as_safetensors_lead_to_the_same_bytes() {
    let place = place_with_network();
    place.train(["b", "--epochs", "2"]).success();
    let expected = place.contents("runs/ex09/frozen5/seed-42");
    place.train(["b", "--epochs", "2", "--pretrained", "runs/ex08/b/seed-42/final.safetensors"]).success();
    place.contents("runs/ex09/frozen5/seed-42").assert_same(&expected, "from safetensors");
}

#[test]
fn a_network_of_another_program_that_does_not_fit_is_an_error_that_names_the_tensor() {
    let place = Place::new();
    let path = place.path("net.safetensors");
    let rename = |tensor: &mut NamedTensor| {
        if tensor.name == "hidden2.bias" {
            tensor.name = "layers.2.bias".to_owned();
        }
    };
    let transpose = |tensor: &mut NamedTensor| tensor.shape.reverse();
    let whole = safetensors_file(|_| {});
    let not_finite = |value: f32| {
        safetensors_file(move |tensor| {
            if tensor.name == "hidden4.weight" {
                tensor.values[205] = value;
            }
        })
    };
    let wrong: [(Vec<u8>, &[&str]); 6] = [
        (not_finite(f32::NAN), &["found NaN at [2, 5] of hidden4.weight, expected finite numbers"]),
        (not_finite(f32::NEG_INFINITY), &["found -inf at [2, 5] of hidden4.weight, expected finite numbers"]),
        (safetensors_file(rename), &["found a tensor layers.2.bias", "hidden2.bias"]),
        (safetensors_file(transpose), &["found hidden1.weight [784, 100] of F32", "hidden1.weight [100, 784] of F32"]),
        (whole[..whole.len() / 2].to_vec(), &["a safetensors file"]),
        (Vec::new(), &["a safetensors file"]),
    ];
    let all = ["net.safetensors", "cannot reuse this network", "--pretrained"];
    for (bytes, says) in wrong {
        fs::write(&path, bytes).unwrap();
        let assert = place.train(["b", "--epochs", "1", "--pretrained", "net.safetensors"]);
        assert_fails(assert, &[&all[..], says].concat());
    }
    fs::remove_file(path).unwrap();
    let assert = place.train(["b", "--epochs", "1", "--pretrained", "net.safetensors"]);
    assert_fails(assert, &[&all[..], &["cannot open"]].concat());
    assert!(!place.path("runs").exists());
}
