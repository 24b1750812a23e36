//! Inputs without a gradient.

/// A batch whose gradient is not needed, such as a network's input.
///
/// A layer that takes one skips the backward pass to its input, which is half of the arithmetic of its backward pass.
#[derive(Debug, Clone)]
pub struct Constant<T>(pub T);
