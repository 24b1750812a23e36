//! Values that no gradient flows into.

/// A batch that nobody wants the gradient of: the pixels that a network is fed.
///
/// A layer that is given one skips the backward pass towards it: half of the arithmetic of that layer's backward pass.
#[derive(Debug, Clone)]
pub struct Constant<T>(pub T);
