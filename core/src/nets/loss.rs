//! The loss that classifiers are trained on.

use dfdx::prelude::*;

use crate::kernels;

/// Returns the mean cross-entropy, in nats, between the softmax of `logits`, `(n, CLASSES)`, and the class of each row, `(n)`.
///
/// One operation with its own backward pass: the gradient of a logit is (its probability - 1 if it is the row's class) / n.
///
/// # Errors
/// If memory for the result is not to be had.
///
/// # Panics
/// If there is not one label per row, or a label is not below `CLASSES`.
pub fn cross_entropy<B: Dim, const CLASSES: usize, T: Tape<f32, Cpu>>(
    logits: Tensor<(B, Const<CLASSES>), f32, Cpu, T>,
    labels: &[u8],
) -> Result<Tensor<Rank0, f32, Cpu, T>, CpuError> {
    let (logits, mut tape) = logits.split_tape();
    let n = logits.shape().0.size();
    assert_eq!(n, labels.len(), "one label per row");

    let mut gradient = super::values(&logits);
    let mut sum = 0.0;
    for (row, &label) in gradient.chunks_exact_mut(CLASSES).zip(labels) {
        let logit = row[usize::from(label)];
        sum += f64::from(kernels::softmax(row) - logit);
        row[usize::from(label)] -= 1.0;
    }
    let loss = logits.device().tensor((sum / n as f64) as f32);

    let (loss_ghost, logits) = (loss.ghost(), logits.ghost());
    tape.add_backward_op(move |gradients| {
        let scale = gradients.get_or_alloc_mut(&loss_ghost)?[0] / n as f32;
        gradient.iter_mut().for_each(|value| *value *= scale);
        super::accumulate(gradients.get_or_alloc_mut(&logits)?, &gradient);
        Ok(())
    });
    Ok(loss.put_tape(tape))
}
