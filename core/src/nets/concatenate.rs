//! Two batches side by side.

use dfdx::prelude::*;

use super::values::{accumulate, values};

/// Appends each row of `right` to that of `left`: `(n, W)` and `(n, W)` -> `(n, BOTH)`, where `BOTH` is twice `W`.
///
/// dfdx concatenates along dimensions known at run time; stable Rust cannot add two that are known at compile time.
/// Here the caller names the sum, and a wrong one does not compile.
///
/// # Panics
/// If the batches differ in length.
///
/// # Example
/// ```
/// use ch11_core::nets::{Batch, concatenate};
/// use dfdx::prelude::*;
///
/// let dev = Cpu::default();
/// let left: Batch<2> = dev.tensor_from_vec(vec![1.0, 2.0, 3.0, 4.0], (2, Const));
/// let right: Batch<2> = dev.tensor_from_vec(vec![5.0, 6.0, 7.0, 8.0], (2, Const));
/// let both: Batch<4> = concatenate(left, right)?;
/// assert_eq!(both.as_vec(), [1.0, 2.0, 5.0, 6.0, 3.0, 4.0, 7.0, 8.0]);
/// # Ok::<(), CpuError>(())
/// ```
pub fn concatenate<B: Dim, const W: usize, const BOTH: usize, T: Tape<f32, Cpu>>(
    left: Tensor<(B, Const<W>), f32, Cpu>,
    right: Tensor<(B, Const<W>), f32, Cpu, T>,
) -> Result<Tensor<(B, Const<BOTH>), f32, Cpu, T>, CpuError> {
    const { assert!(BOTH == 2 * W, "a concatenation is as wide as both together") };
    let n = left.shape().0;
    let (right, mut tape) = right.split_tape();
    assert_eq!(n.size(), right.shape().0.size(), "both batches have as many rows");
    let mut outputs = Vec::with_capacity(n.size() * BOTH);
    for (left, right) in values(&left).chunks_exact(W).zip(values(&right).chunks_exact(W)) {
        outputs.extend_from_slice(left);
        outputs.extend_from_slice(right);
    }
    let y = left.device().try_tensor_from_vec(outputs, (n, Const))?;

    let (left, right, output) = (left.ghost(), right.ghost(), y.ghost());
    tape.add_backward_op(move |gradients| {
        let gradient = gradients.get_or_alloc_mut(&output)?.to_vec();
        add_columns(&gradient, BOTH, 0, W, gradients.get_or_alloc_mut(&left)?);
        add_columns(&gradient, BOTH, W, W, gradients.get_or_alloc_mut(&right)?);
        Ok(())
    });
    Ok(y.put_tape(tape))
}

/// Adds `count` columns of rows of `width` values, from column `first` on, to the rows of `gathered`.
fn add_columns(rows: &[f32], width: usize, first: usize, count: usize, gathered: &mut [f32]) {
    for (gathered, row) in gathered.chunks_exact_mut(count).zip(rows.chunks_exact(width)) {
        accumulate(gathered, &row[first..first + count]);
    }
}
