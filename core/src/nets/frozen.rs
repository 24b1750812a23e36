//! Layers that no longer learn.

use dfdx::nn::{ModuleVisitor, TensorCollection, TensorOptions};
use dfdx::prelude::*;

use super::{Constant, Elu, GradientTape, Linear};

/// A layer, or a tuple of layers, that no longer learns.
///
/// Freezing is a type, and the type guarantees three things:
///
/// - no optimizer changes a frozen layer: visitors see its tensors as not to be updated;
/// - no gradient reaches it: in training, it takes and returns a [`Constant`], and the layer after it sends no gradient
///   to a constant, so frozen layers have no backward pass; a fused step plans none for them;
/// - it computes the same as before: in training, it runs as in inference.
///
/// # Example
/// A new output layer on a frozen hidden layer:
/// ```
/// use ch11_core::nets::{Batch, Constant, Frozen, Hidden, Linear, build};
/// use dfdx::prelude::*;
///
/// let pretrained: (Hidden<784, 100>, Linear<100, 5>) = build(42);
/// let (hidden, _output) = pretrained;
/// let mut network: (Frozen<Hidden<784, 100>>, Linear<100, 5>) = (Frozen(hidden), build(43));
///
/// let x: Batch<784> = Cpu::default().zeros_like(&(20, Const));
/// let logits = network.forward_mut(Constant(x.leaky_traced()));
/// let _gradients = logits.square().mean().backward();
/// ```
///
/// A frozen layer above one that learns would have to pass a gradient on, so it does not compile:
/// ```compile_fail
/// use ch11_core::nets::{Batch, Constant, Frozen, Hidden, Linear, build};
/// use dfdx::prelude::*;
///
/// let pretrained: (Hidden<784, 100>, Linear<100, 5>) = build(42);
/// let (hidden, output) = pretrained;
/// let mut network: (Hidden<784, 100>, Frozen<Linear<100, 5>>) = (hidden, Frozen(output));
///
/// let x: Batch<784> = Cpu::default().zeros_like(&(20, Const));
/// let logits = network.forward_mut(Constant(x.leaky_traced()));
/// let _gradients = logits.square().mean().backward();
/// ```
#[derive(Debug, Clone)]
pub struct Frozen<L>(pub L);

impl<S: Shape, L: Module<Tensor<S, f32, Cpu>>> Module<Tensor<S, f32, Cpu>> for Frozen<L> {
    type Output = L::Output;
    type Error = L::Error;

    fn try_forward(&self, x: Tensor<S, f32, Cpu>) -> Result<Self::Output, L::Error> {
        self.0.try_forward(x)
    }
}

impl<S, O, L> ModuleMut<Constant<Tensor<S, f32, Cpu, GradientTape>>> for Frozen<L>
where
    S: Shape,
    O: Shape,
    L: Module<Tensor<S, f32, Cpu>, Output = Tensor<O, f32, Cpu>>,
{
    type Output = Constant<Tensor<O, f32, Cpu, GradientTape>>;
    type Error = L::Error;

    fn try_forward_mut(
        &mut self,
        Constant(x): Constant<Tensor<S, f32, Cpu, GradientTape>>,
    ) -> Result<Self::Output, L::Error> {
        let (x, tape) = x.split_tape();
        Ok(Constant(self.0.try_forward(x)?.put_tape(tape)))
    }
}

impl<L: Freeze> TensorCollection<f32, Cpu> for Frozen<L> {
    type To<E2: Dtype, D2: Device<E2>> = Frozen<L::To<E2, D2>>;

    fn iter_tensors<V: ModuleVisitor<Self, f32, Cpu>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        fn layer<L>(frozen: &Frozen<L>) -> &L {
            &frozen.0
        }
        fn layer_mut<L>(frozen: &mut Frozen<L>) -> &mut L {
            &mut frozen.0
        }
        Ok(L::visit_frozen(visitor, "", layer, layer_mut)?.map(Frozen))
    }
}

/// The result of a visitor `V` of a module `Root` for its layer `L`.
type Visited<L, V, Root> = Result<
    Option<
        <L as TensorCollection<f32, Cpu>>::To<
            <V as ModuleVisitor<Root, f32, Cpu>>::E2,
            <V as ModuleVisitor<Root, f32, Cpu>>::D2,
        >,
    >,
    <V as ModuleVisitor<Root, f32, Cpu>>::Err,
>;

/// A layer that can be frozen: it can show its tensors to a visitor as not to be updated.
///
/// In dfdx, a visitor sees a layer's tensors only as the layer itself shows them, so each layer implements this.
pub trait Freeze: TensorCollection<f32, Cpu> + 'static {
    /// Shows the tensors of the layer that `get_ref` and `get_mut` find in the visitor's module, under names that begin
    /// with `name`.
    fn visit_frozen<Root, V>(
        visitor: &mut V,
        name: &str,
        get_ref: impl FnMut(&Root) -> &Self,
        get_mut: impl FnMut(&mut Root) -> &mut Self,
    ) -> Visited<Self, V, Root>
    where
        Root: TensorCollection<f32, Cpu>,
        V: ModuleVisitor<Root, f32, Cpu>;
}

impl Freeze for Elu {
    fn visit_frozen<Root, V>(
        _: &mut V,
        _: &str,
        _: impl FnMut(&Root) -> &Self,
        _: impl FnMut(&mut Root) -> &mut Self,
    ) -> Visited<Self, V, Root>
    where
        Root: TensorCollection<f32, Cpu>,
        V: ModuleVisitor<Root, f32, Cpu>,
    {
        Ok(Some(Elu))
    }
}

impl<const I: usize, const O: usize> Freeze for Linear<I, O> {
    fn visit_frozen<Root, V>(
        visitor: &mut V,
        name: &str,
        mut get_ref: impl FnMut(&Root) -> &Self,
        mut get_mut: impl FnMut(&mut Root) -> &mut Self,
    ) -> Visited<Self, V, Root>
    where
        Root: TensorCollection<f32, Cpu>,
        V: ModuleVisitor<Root, f32, Cpu>,
    {
        let weight = visitor.visit_tensor(
            &join(name, "weight"),
            compose(&mut get_ref, |linear| &linear.weight),
            compose_mut(&mut get_mut, |linear| &mut linear.weight),
            TensorOptions::detached(super::linear::he_initialisation),
        )?;
        let bias = visitor.visit_tensor(
            &join(name, "bias"),
            compose(get_ref, |linear| &linear.bias),
            compose_mut(get_mut, |linear| &mut linear.bias),
            TensorOptions::detached(|bias| bias.try_fill_with_zeros()),
        )?;
        Ok(weight.zip(bias).map(|(weight, bias)| Linear { weight, bias }))
    }
}

macro_rules! tuple_freeze {
    ($($layer:ident $index:tt),+) => {
        impl<$($layer: Freeze),+> Freeze for ($($layer,)+) {
            fn visit_frozen<Root, V>(
                visitor: &mut V,
                name: &str,
                mut get_ref: impl FnMut(&Root) -> &Self,
                mut get_mut: impl FnMut(&mut Root) -> &mut Self,
            ) -> Visited<Self, V, Root>
            where
                Root: TensorCollection<f32, Cpu>,
                V: ModuleVisitor<Root, f32, Cpu>,
            {
                let layers = ($($layer::visit_frozen(
                    visitor,
                    &join(name, stringify!($index)),
                    compose(&mut get_ref, |layers: &Self| &layers.$index),
                    compose_mut(&mut get_mut, |layers: &mut Self| &mut layers.$index),
                )?,)+);
                Ok((|| Some(($(layers.$index?,)+)))())
            }
        }
    };
}

tuple_freeze!(A 0);
tuple_freeze!(A 0, B 1);
tuple_freeze!(A 0, B 1, C 2);
tuple_freeze!(A 0, B 1, C 2, D 3);
tuple_freeze!(A 0, B 1, C 2, D 3, E 4);
tuple_freeze!(A 0, B 1, C 2, D 3, E 4, F 5);

/// Joins the names of a layer and of its part, as dfdx does.
fn join(outer: &str, inner: &str) -> String {
    if outer.is_empty() { inner.to_owned() } else { format!("{outer}.{inner}") }
}

fn compose<A, B: 'static, C>(
    mut first: impl FnMut(&A) -> &B,
    mut second: impl FnMut(&B) -> &C,
) -> impl FnMut(&A) -> &C {
    move |value| second(first(value))
}

fn compose_mut<A, B: 'static, C>(
    mut first: impl FnMut(&mut A) -> &mut B,
    mut second: impl FnMut(&mut B) -> &mut C,
) -> impl FnMut(&mut A) -> &mut C {
    move |value| second(first(value))
}
