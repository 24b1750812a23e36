//! Values that no gradient flows into.

/// A batch that nobody wants the gradient of: the pixels that a network is fed.
///
/// A layer that is given one skips the backward pass towards it. For the first layer of exercise 8 that is a third of
/// the arithmetic of its backward pass.
#[derive(Debug, Clone)]
pub struct Constant<T>(pub T);
