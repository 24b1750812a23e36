//! The tensors of a network, by name: what checkpoints and optimizers work on.

use dfdx::prelude::*;
use serde::{Deserialize, Serialize};

use super::values;

/// A network whose tensors can be visited, copied out and put back.
pub trait Parameters: TensorCollection<f32, Cpu, To<f32, Cpu> = Self> + Clone {}

impl<M: TensorCollection<f32, Cpu, To<f32, Cpu> = M> + Clone> Parameters for M {}

/// A tensor's name, shape and values, free of its type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedTensor {
    /// The layer and the tensor, as in PyTorch: `hidden1.weight`, `output.bias`.
    pub name: String,
    /// The length of each dimension; a weight's is (out, in).
    pub shape: Vec<usize>,
    /// The values, row after row.
    pub values: Vec<f32>,
    /// Whether an optimizer changes it.
    pub trainable: bool,
}

/// Copies out every tensor of a network, in the order of its layers.
pub fn export_tensors<M: Parameters>(network: &M) -> Vec<NamedTensor> {
    let mut export = Export(Vec::new());
    let walked = M::iter_tensors(&mut RecursiveWalker { m: (network, String::new()), f: &mut export });
    debug_assert!(walked.is_ok(), "copying out of memory cannot fail");
    name_layers(&mut export.0);
    export.0
}

/// Puts the values of `tensors` into a network of the same names and shapes.
///
/// # Errors
/// A sentence that says where `tensors` and the network differ; the network is then unchanged.
pub fn import_tensors<M: Parameters>(network: &mut M, tensors: &[NamedTensor]) -> Result<(), String> {
    let own = export_tensors(network);
    for (own, other) in own.iter().zip(tensors) {
        if (&own.name, &own.shape) != (&other.name, &other.shape) {
            let [own, other] = [own, other].map(|tensor| format!("{} {:?}", tensor.name, tensor.shape));
            return Err(format!("{other} where {own} is needed"));
        }
        if own.values.len() != other.values.len() {
            let (values, needed) = (other.values.len(), own.values.len());
            return Err(format!("{} with {values} values where {needed} are needed", other.name));
        }
    }
    if own.len() != tensors.len() {
        return Err(format!("{} tensors where {} are needed", tensors.len(), own.len()));
    }
    let mut import = Import(tensors.iter());
    let walked = M::iter_tensors(&mut RecursiveWalker { m: network, f: &mut import });
    debug_assert!(walked.is_ok(), "copying into memory cannot fail");
    Ok(())
}

/// Turns the positions that dfdx names a tuple's fields by (`0.0.weight`, `5.bias`) into `hidden1.weight` and `output.bias`.
///
/// Networks that are fields of another keep its name for them (`a.0.0.weight` becomes `a.hidden1.weight`); the last layer of all is
/// the output.
fn name_layers(tensors: &mut [NamedTensor]) {
    let output = tensors.last().and_then(|tensor| Some(layer(&tensor.name)?.0.to_owned()));
    for tensor in tensors {
        let Some((place, field, index)) = layer(&tensor.name) else { continue };
        let own = tensor.name.rsplit('.').next().unwrap_or_default();
        let layer = if Some(place) == output.as_deref() { "output".to_owned() } else { format!("hidden{}", index + 1) };
        tensor.name = format!("{field}{layer}.{own}");
    }
}

/// Finds the first position in a tensor's name: the name up to it, what stands before it, and itself.
fn layer(name: &str) -> Option<(&str, &str, usize)> {
    let mut start = 0;
    for part in name.split('.') {
        let end = start + part.len();
        if let Ok(index) = part.parse() {
            return Some((&name[..end], &name[..start], index));
        }
        start = end + 1;
    }
    None
}

struct Export(Vec<NamedTensor>);

impl TensorVisitor<f32, Cpu> for Export {
    type Viewer = (ViewTensorRef, ViewTensorName);
    type Err = CpuError;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        options: TensorOptions<S, f32, Cpu>,
        (tensor, name): (&Tensor<S, f32, Cpu>, String),
    ) -> Result<Option<Tensor<S, f32, Cpu>>, CpuError> {
        let shape = tensor.shape().concrete().into_iter().collect();
        self.0.push(NamedTensor { name, shape, values: values(tensor), trainable: options.do_gradient_update });
        Ok(None)
    }
}

struct Import<'a>(std::slice::Iter<'a, NamedTensor>);

impl TensorVisitor<f32, Cpu> for Import<'_> {
    type Viewer = ViewTensorMut;
    type Err = CpuError;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        _: TensorOptions<S, f32, Cpu>,
        tensor: &mut Tensor<S, f32, Cpu>,
    ) -> Result<Option<Tensor<S, f32, Cpu>>, CpuError> {
        if let Some(other) = self.0.next() {
            tensor.copy_from(&other.values);
        }
        Ok(None)
    }
}

/// Copies out the values of all tensors of a network, one after the other, in the order of its layers.
pub(crate) fn copy_out<M: Parameters>(network: &M) -> Vec<f32> {
    let mut copy = CopyOut(Vec::with_capacity(network.num_trainable_params()));
    let walked = M::iter_tensors(&mut RecursiveWalker { m: network, f: &mut copy });
    debug_assert!(walked.is_ok(), "copying out of memory cannot fail");
    copy.0
}

/// Puts the values of all tensors of a network back.
///
/// # Panics
/// If there are too few.
pub(crate) fn copy_in<M: Parameters>(network: &mut M, values: &[f32]) {
    let walked = M::iter_tensors(&mut RecursiveWalker { m: network, f: &mut CopyIn(values) });
    debug_assert!(walked.is_ok(), "copying into memory cannot fail");
}

struct CopyOut(Vec<f32>);

impl TensorVisitor<f32, Cpu> for CopyOut {
    type Viewer = ViewTensorRef;
    type Err = CpuError;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        _: TensorOptions<S, f32, Cpu>,
        tensor: &Tensor<S, f32, Cpu>,
    ) -> Result<Option<Tensor<S, f32, Cpu>>, CpuError> {
        let start = self.0.len();
        self.0.resize(start + tensor.shape().num_elements(), 0.0);
        tensor.copy_into(&mut self.0[start..]);
        Ok(None)
    }
}

struct CopyIn<'a>(&'a [f32]);

impl TensorVisitor<f32, Cpu> for CopyIn<'_> {
    type Viewer = ViewTensorMut;
    type Err = CpuError;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        _: TensorOptions<S, f32, Cpu>,
        tensor: &mut Tensor<S, f32, Cpu>,
    ) -> Result<Option<Tensor<S, f32, Cpu>>, CpuError> {
        let (own, rest) = self.0.split_at(tensor.shape().num_elements());
        tensor.copy_from(own);
        self.0 = rest;
        Ok(None)
    }
}
