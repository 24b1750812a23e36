//! Weights to PyTorch and back, as [safetensors](https://huggingface.co/docs/safetensors).
//!
//! A `Linear`'s weight is (out, in) here, in dfdx and in PyTorch, so no number has to move. Only the names differ: dfdx
//! calls a tensor by its place in the tuple, `0.0.weight`; the file calls it `hidden1.weight`. In Python:
//!
//! ```python
//! from safetensors.torch import load_file, save_file
//!
//! class Net(torch.nn.Module):
//!     def __init__(self):
//!         super().__init__()
//!         self.hidden1, self.output = torch.nn.Linear(784, 30), torch.nn.Linear(30, 10)
//!
//!     def forward(self, x):
//!         return self.output(torch.nn.functional.elu(self.hidden1(x)))
//!
//! net = Net()
//! net.load_state_dict(load_file("weights.safetensors"))
//! save_file(net.state_dict(), "weights.safetensors")
//! ```

use ch11_core::checkpoint::weights;
use ch11_core::data::synthetic::{DrawnDigits, Size};
use ch11_core::nets::{Hidden, Linear, build, export_tensors};
use dfdx::prelude::*;

type Network = (Hidden<784, 30>, Linear<30, 10>);

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("weights.safetensors");
    let network: Network = build(1);
    weights::write(&file, &network)?;
    for tensor in export_tensors(&network) {
        println!("{:<16} {:?}", tensor.name, tensor.shape);
    }

    // Another network takes the weights, after all of them were checked: names, shapes, finite numbers.
    let mut restored: Network = build(2);
    weights::read(&file, &mut restored)?;
    let digits = DrawnDigits { size: Size { training: 120, test: 20 }, seed: 1 }.draw().test;
    let (x, _) = digits.batch(&[0, 1, 2], &Cpu::default());
    assert_eq!(restored.forward(x.clone()).as_vec(), network.forward(x).as_vec());
    println!("the network that was read computes the same logits");

    // One of another shape is refused, and stays as it was.
    let mut wider: (Hidden<784, 50>, Linear<50, 10>) = build(3);
    let error = weights::read(&file, &mut wider).err().map(|error| error.to_string()).unwrap_or_default();
    println!("{}", error.replace(&folder.path().display().to_string(), ""));
    assert!(error.contains("hidden1.weight [30, 784]"), "{error}");
    Ok(())
}
