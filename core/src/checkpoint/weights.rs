//! A network's weights as [safetensors](https://github.com/huggingface/safetensors), under PyTorch's names.

use std::collections::HashMap;
use std::path::Path;

use safetensors::tensor::{Dtype, TensorView, serialize};
use safetensors::{SafeTensorError, SafeTensors};

use crate::disk::{self, persist};
use crate::nets::{AnyNetwork, NamedTensor, check_finite, export_tensors, import_tensors};
use crate::{Error, Result};

/// Larger files are not read; the networks of this chapter take half a megabyte.
const MAX_BYTES: u64 = 256 << 20;

/// Writes a network's tensors: `hidden1.weight` (out, in), `hidden1.bias`, and so on to `output.bias`; see [`persist`].
///
/// # Errors
/// If the file cannot be written; an earlier one at `path` is then unchanged.
pub fn write(path: &Path, network: &dyn AnyNetwork) -> Result<()> {
    let tensors = export_tensors(network);
    let floats: Vec<Floats<'_>> =
        tensors.iter().map(|NamedTensor { name, shape, values, .. }| Floats { name, shape, values }).collect();
    write_floats(path, &floats, Some(network.architecture()))
}

/// A tensor to write.
#[derive(Debug, Clone, Copy)]
pub struct Floats<'a> {
    /// The tensor's name.
    pub name: &'a str,
    /// The length of each dimension.
    pub shape: &'a [usize],
    /// The values, row after row.
    pub values: &'a [f32],
}

/// Writes tensors, and the architecture of their network if they have one; see [`persist`].
pub fn write_floats(path: &Path, tensors: &[Floats<'_>], architecture: Option<String>) -> Result<()> {
    let to_error = |error: SafeTensorError| Error::io("write", path)(std::io::Error::other(error));
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|it| it.values.iter().flat_map(|value| value.to_le_bytes()).collect()).collect();
    let views = tensors
        .iter()
        .zip(&bytes)
        .map(|(it, bytes)| Ok((it.name, TensorView::new(Dtype::F32, it.shape.to_vec(), bytes)?)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(to_error)?;
    let metadata = architecture.map(|architecture| HashMap::from([("architecture".to_owned(), architecture)]));
    persist(path, &serialize(views, metadata).map_err(to_error)?)
}

/// Reads tensors with the same names and shapes into a network.
///
/// # Errors
/// If the file cannot be read, is not a safetensors file, or holds other tensors or a number that is not finite; the
/// network is then unchanged.
pub fn read(path: &Path, network: &mut dyn AnyNetwork) -> Result<()> {
    read_bytes(&disk::read(path, MAX_BYTES)?, path, network)
}

/// Reads the contents of a file; `path` is for errors.
pub(crate) fn read_bytes(bytes: &[u8], path: &Path, network: &mut dyn AnyNetwork) -> Result<()> {
    let unfit = |found: String, expected: &str| Error::checkpoint(path, found, expected);
    let file = SafeTensors::deserialize(bytes)
        .map_err(|error| unfit(format!("something else ({error})"), "a safetensors file"))?;

    let mut tensors = export_tensors(network);
    let surplus = |name: &&str| !tensors.iter().any(|tensor| tensor.name == **name);
    if let Some(name) = file.names().into_iter().filter(surplus).min() {
        let expected: Vec<&str> = tensors.iter().map(|tensor| tensor.name.as_str()).collect();
        return Err(unfit(format!("a tensor {name}"), &format!("{} and no other", expected.join(", "))));
    }
    for tensor in &mut tensors {
        let expected = format!("{} {:?} of F32", tensor.name, tensor.shape);
        let view = file.tensor(&tensor.name).map_err(|_| unfit(format!("no tensor {}", tensor.name), &expected))?;
        if view.dtype() != Dtype::F32 || view.shape() != tensor.shape {
            let found = format!("{} {:?} of {:?}", tensor.name, view.shape(), view.dtype());
            return Err(unfit(found, &expected));
        }
        let floats =
            view.data().chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        tensor.values = floats.collect();
    }
    check_finite(&tensors).map_err(|found| unfit(found, "finite numbers"))?;
    import_tensors(network, &tensors).map_err(|problem| unfit(problem, "the network's own tensors"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nets::{Dropout, Hidden, Linear, build, copy_out};

    type Small = (Hidden<3, 2>, Linear<2, 2>);

    #[test]
    fn a_network_in_another_is_written_and_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nested.safetensors");
        let network: (Dropout, Small) = build(1);
        write(&path, &network).unwrap();
        let mut other: (Dropout, Small) = build(2);
        read(&path, &mut other).unwrap();
        assert_eq!(copy_out(&other), copy_out(&network));
    }

    #[test]
    fn gives_back_a_network_under_pytorch_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        let network: Small = build(1);
        write(&path, &network).unwrap();

        let bytes = std::fs::read(&path).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let mut names = file.names();
        names.sort_unstable();
        assert_eq!(names, ["hidden1.bias", "hidden1.weight", "output.bias", "output.weight"]);
        assert_eq!(file.tensor("hidden1.weight").unwrap().shape(), [2, 3]);

        let mut other: Small = build(2);
        read(&path, &mut other).unwrap();
        assert_eq!(export_tensors(&other), export_tensors(&network));
    }

    #[test]
    fn refuses_other_networks_and_other_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        write(&path, &build::<Small>(1)).unwrap();
        let mut wider: (Hidden<3, 4>, Linear<4, 2>) = build(2);
        let before = export_tensors(&wider);
        let error = read(&path, &mut wider).unwrap_err().to_string();
        assert!(error.contains("hidden1.weight [2, 3]") && error.contains("hidden1.weight [4, 3]"), "{error}");
        assert_eq!(export_tensors(&wider), before);

        std::fs::write(&path, [255; 100]).unwrap();
        let error = read(&path, &mut build::<Small>(1)).unwrap_err().to_string();
        assert!(error.contains("a safetensors file"), "{error}");
    }

    #[test]
    fn refuses_what_is_not_finite_and_says_where() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        let network: Small = build(1);
        let mut tensors = export_tensors(&network);
        let write = |tensors: &[NamedTensor]| {
            let floats = |it: &NamedTensor| (it.name.clone(), it.shape.clone(), it.values.clone());
            let floats: Vec<_> = tensors.iter().map(floats).collect();
            let floats: Vec<_> = floats.iter().map(|(name, shape, values)| Floats { name, shape, values }).collect();
            write_floats(&path, &floats, None).unwrap();
        };
        for (value, shown) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
            tensors[0].values[4] = value;
            write(&tensors);
            let mut other: Small = build(2);
            let error = read(&path, &mut other).unwrap_err().to_string();
            let says = format!("found {shown} at [1, 1] of hidden1.weight, expected finite numbers");
            assert!(error.contains("weights.safetensors") && error.contains(&says), "{error}");
            assert_eq!(export_tensors(&other), export_tensors(&build::<Small>(2)));
        }
    }
}
