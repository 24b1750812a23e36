//! A network's weights as [safetensors](https://github.com/huggingface/safetensors), under PyTorch's names.

use std::collections::HashMap;
use std::path::Path;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};

use super::persist;
use crate::disk;
use crate::nets::{Architecture, NamedTensor, Parameters, export_tensors, import_tensors};
use crate::{Error, Result};

/// The largest file that is read; the networks of this chapter take half a megabyte.
const MAX_BYTES: u64 = 256 << 20;

/// Writes a network's tensors: `hidden1.weight` (out, in), `hidden1.bias`, and so on to `output.bias`; see [`persist`].
///
/// # Errors
/// If the file cannot be written; an earlier one at `path` is then as it was.
pub fn write<M: Parameters + Architecture>(path: &Path, network: &M) -> Result<()> {
    let tensors: Vec<(NamedTensor, Vec<u8>)> = export_tensors(network)
        .into_iter()
        .map(|tensor| {
            let bytes = tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect();
            (tensor, bytes)
        })
        .collect();
    let to_error = |error: safetensors::SafeTensorError| Error::io("write", path)(std::io::Error::other(error));
    let views = tensors
        .iter()
        .map(|(tensor, bytes)| Ok((tensor.name.as_str(), TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(to_error)?;
    let metadata = HashMap::from([("architecture".to_owned(), network.architecture())]);
    persist(path, &serialize(views, Some(metadata)).map_err(to_error)?)
}

/// Reads tensors of the same names and shapes into a network.
///
/// # Errors
/// If the file cannot be read, is no safetensors file, or holds other tensors; the network is then unchanged.
pub fn read<M: Parameters>(path: &Path, network: &mut M) -> Result<()> {
    read_bytes(&disk::read(path, MAX_BYTES)?, path, network)
}

/// Reads what a file holds; `path` is for errors.
pub(crate) fn read_bytes<M: Parameters>(bytes: &[u8], path: &Path, network: &mut M) -> Result<()> {
    let unfit = |found: String, expected: &str| Error::Checkpoint {
        path: path.to_owned(),
        found,
        expected: expected.to_owned(),
    };
    let file = SafeTensors::deserialize(bytes)
        .map_err(|error| unfit(format!("something else ({error})"), "a safetensors file"))?;

    let mut tensors = export_tensors(network);
    if file.len() != tensors.len() {
        return Err(unfit(format!("{} tensors", file.len()), &format!("{}", tensors.len())));
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
    import_tensors(network, &tensors).map_err(|problem| unfit(problem, "the network's own tensors"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nets::{Hidden, Linear, build};

    type Small = (Hidden<3, 2>, Linear<2, 2>);

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
}
