//! The tensors of a network by name, for checkpoints and optimizers.

use std::collections::HashSet;
use std::convert::Infallible;

use dfdx::prelude::*;
use serde::{Deserialize, Serialize};

use super::Architecture;
use super::values::values;

/// A network whose tensors can be visited, copied out and put back.
pub trait Parameters:
    TensorCollection<f32, Cpu, To<f32, Cpu> = Self> + Architecture + Clone + Send + Sync + 'static
{
}

impl<M> Parameters for M where
    M: TensorCollection<f32, Cpu, To<f32, Cpu> = M> + Architecture + Clone + Send + Sync + 'static
{
}

/// A network of any type.
///
/// Code that needs only names, shapes and values takes a `&dyn AnyNetwork`, and is compiled once, not once per network.
pub trait AnyNetwork: Architecture {
    /// Calls `visit` with every tensor in the order of the layers: dfdx's name for it (`0.0.weight`), whether an
    /// optimizer changes it, and the tensor.
    ///
    /// All code that changes tensors uses this one function: dfdx's visitors are compiled once for each kind of visitor
    /// and each network, and a second kind would make every build longer.
    fn visit_tensors(&mut self, visit: &mut dyn FnMut(&str, bool, &mut dyn AnyTensor));

    /// Calls `look` with every tensor, without changing any. It visits a clone of the network, which shares the values.
    fn look_at_tensors(&self, look: &mut dyn FnMut(&str, bool, &dyn AnyTensor));
}

impl<M: Parameters> AnyNetwork for M {
    fn visit_tensors(&mut self, visit: &mut dyn FnMut(&str, bool, &mut dyn AnyTensor)) {
        let Ok(_) = M::iter_tensors(&mut RecursiveWalker { m: (self, String::new()), f: &mut Visit(visit) });
    }

    fn look_at_tensors(&self, look: &mut dyn FnMut(&str, bool, &dyn AnyTensor)) {
        self.clone().visit_tensors(&mut |name, trainable, tensor| look(name, trainable, tensor));
    }
}

/// A tensor's name, shape and values, whatever its type.
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

/// A tensor of any shape.
pub trait AnyTensor {
    /// Returns the length of each dimension.
    fn shape(&self) -> Vec<usize>;

    /// Copies the values out, row after row.
    fn values(&self) -> Vec<f32>;

    /// Replaces the values.
    ///
    /// # Panics
    /// If their number is not that of the tensor's values.
    fn set_values(&mut self, values: &[f32]);

    /// Returns the gradient, which is 0 if there is none.
    fn gradient<'a>(&self, gradients: &'a mut Gradients<f32, Cpu>) -> Result<&'a [f32], CpuError>;
}

impl<S: Shape> AnyTensor for Tensor<S, f32, Cpu> {
    fn shape(&self) -> Vec<usize> {
        HasShape::shape(self).concrete().into_iter().collect()
    }

    fn values(&self) -> Vec<f32> {
        values(self)
    }

    fn set_values(&mut self, values: &[f32]) {
        self.copy_from(values);
    }

    fn gradient<'a>(&self, gradients: &'a mut Gradients<f32, Cpu>) -> Result<&'a [f32], CpuError> {
        Ok(gradients.get_or_alloc_mut(self)?)
    }
}

struct Visit<'a>(&'a mut dyn FnMut(&str, bool, &mut dyn AnyTensor));

impl TensorVisitor<f32, Cpu> for Visit<'_> {
    type Viewer = (ViewTensorMut, ViewTensorName);
    type Err = Infallible;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        options: TensorOptions<S, f32, Cpu>,
        (tensor, name): (&mut Tensor<S, f32, Cpu>, String),
    ) -> Result<Option<Tensor<S, f32, Cpu>>, Infallible> {
        (self.0)(&name, options.do_gradient_update, tensor);
        Ok(None)
    }
}

/// Returns the number of parameters of a network that an optimizer changes.
pub fn trainable_parameters(network: &dyn AnyNetwork) -> usize {
    let mut count = 0;
    network.look_at_tensors(&mut |_, trainable, tensor| {
        count += if trainable { tensor.shape().iter().product() } else { 0 };
    });
    count
}

/// Copies all tensors of a network out, in the order of its layers.
pub fn export_tensors(network: &dyn AnyNetwork) -> Vec<NamedTensor> {
    let mut tensors = Vec::new();
    network.look_at_tensors(&mut |name, trainable, tensor| {
        let (name, shape, values) = (name.to_owned(), tensor.shape(), tensor.values());
        tensors.push(NamedTensor { name, shape, values, trainable });
    });
    name_layers(&mut tensors);
    tensors
}

/// Copies the values of `tensors` into a network with the same names and shapes.
///
/// # Errors
/// A description of where `tensors` and the network differ; the network is then unchanged.
pub fn import_tensors(network: &mut dyn AnyNetwork, tensors: &[NamedTensor]) -> Result<(), String> {
    check_same(&export_tensors(network), tensors)?;
    let mut values = tensors.iter().map(|tensor| &tensor.values);
    network.visit_tensors(&mut |_, _, tensor| values.next().into_iter().for_each(|values| tensor.set_values(values)));
    Ok(())
}

/// Checks that a network's `own` tensors and some `others` have the same names and shapes.
pub(crate) fn check_same(own: &[NamedTensor], others: &[NamedTensor]) -> Result<(), String> {
    for (own, other) in own.iter().zip(others) {
        if (&own.name, &own.shape) != (&other.name, &other.shape) {
            let [own, other] = [own, other].map(|tensor| format!("{} {:?}", tensor.name, tensor.shape));
            return Err(format!("{other} where {own} is needed"));
        }
        if own.values.len() != other.values.len() {
            let (values, needed) = (other.values.len(), own.values.len());
            return Err(format!("{} with {values} values where {needed} are needed", other.name));
        }
    }
    if own.len() != others.len() {
        return Err(format!("{} tensors where {} are needed", others.len(), own.len()));
    }
    Ok(())
}

/// Checks that all values are finite.
///
/// # Errors
/// A description of the first value that is not, with its position and tensor.
pub(crate) fn check_finite(tensors: &[NamedTensor]) -> Result<(), String> {
    for NamedTensor { name, shape, values, .. } in tensors {
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            let mut rest = index;
            let mut place: Vec<usize> = shape.iter().rev().map(|&length| (rest % length, rest /= length).0).collect();
            place.reverse();
            return Err(format!("{} at {place:?} of {name}", values[index]));
        }
    }
    Ok(())
}

/// Copies the values of all tensors of a network out, one tensor after another, in the order of its layers.
pub fn copy_out(network: &dyn AnyNetwork) -> Vec<f32> {
    let mut values = Vec::new();
    network.look_at_tensors(&mut |_, _, tensor| values.extend(tensor.values()));
    values
}

/// Copies the values of all tensors of a network back in.
///
/// # Panics
/// If there are too few values.
pub(crate) fn copy_in(network: &mut dyn AnyNetwork, mut values: &[f32]) {
    network.visit_tensors(&mut |_, _, tensor| {
        let (own, rest) = values.split_at(tensor.shape().iter().product());
        tensor.set_values(own);
        values = rest;
    });
}

/// Turns dfdx's names, which are positions in tuples (`0.0.weight`, `5.bias`), into `hidden1.weight` and `output.bias`.
///
/// Networks that are fields of another keep the field's name (`a.0.0.weight` becomes `a.hidden1.weight`); the very last
/// layer is the output. Where a layer holds others, as in a tuple of tuples, that would name two tensors alike: then all
/// keep dfdx's names.
fn name_layers(tensors: &mut [NamedTensor]) {
    let output = tensors.last().and_then(|tensor| Some(layer(&tensor.name)?.0.to_owned()));
    let name = |tensor: &NamedTensor| {
        let (place, field, index) = layer(&tensor.name)?;
        let own = tensor.name.rsplit('.').next().unwrap_or_default();
        let layer = if Some(place) == output.as_deref() { "output".to_owned() } else { format!("hidden{}", index + 1) };
        Some(format!("{field}{layer}.{own}"))
    };
    let names: Vec<String> = tensors.iter().map(|tensor| name(tensor).unwrap_or_else(|| tensor.name.clone())).collect();
    if names.iter().collect::<HashSet<_>>().len() == names.len() {
        tensors.iter_mut().zip(names).for_each(|(tensor, name)| tensor.name = name);
    }
}

/// Finds the first position in a tensor's name: returns the name up to and with it, the name before it, and the
/// position.
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
