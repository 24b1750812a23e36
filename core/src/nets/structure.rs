//! What a network computes, as a value and as text.

use std::fmt;
use std::str::FromStr;

use super::sequential::described;
use super::{Activation, Layer, PairLayers, Towers};

/// The layers of a network of any kind, which can be read from the text of its [`Architecture`](super::Architecture).
///
/// # Example
/// ```
/// use ch11_core::nets::{Architecture, Hidden, Linear, Sequential, Structure, build};
///
/// let network: (Hidden<784, 100>, Linear<100, 5>) = build(42);
/// let read: Structure = network.architecture().parse()?;
/// assert_eq!(read, Structure::Sequence(network.layers()));
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Structure {
    /// Layers that follow one another.
    Sequence(Vec<Layer>),
    /// Two towers and a head.
    Pair(PairLayers),
}

impl Structure {
    /// Returns the shapes of its tensors, in the order in which the network has them.
    pub fn shapes(&self) -> Vec<Vec<usize>> {
        match self {
            Self::Sequence(layers) => shapes(layers),
            Self::Pair(PairLayers { towers: Towers::Shared(tower), head }) => [shapes(tower), shapes(head)].concat(),
            Self::Pair(PairLayers { towers: Towers::Apart { a, b }, head }) => {
                [shapes(a), shapes(b), shapes(head)].concat()
            }
        }
    }
}

fn shapes(layers: &[Layer]) -> Vec<Vec<usize>> {
    let of_layer = |layer: &Layer| match layer {
        Layer::Linear { inputs, outputs } => vec![vec![*outputs, *inputs], vec![*outputs]],
        Layer::BatchNorm { features, .. } => vec![vec![*features]; 4],
        Layer::Activation(_) | Layer::Dropout { .. } => Vec::new(),
        Layer::Frozen(layers) => shapes(layers),
    };
    layers.iter().flat_map(of_layer).collect()
}

impl fmt::Display for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sequence(layers) => f.write_str(&described(layers)),
            Self::Pair(PairLayers { towers: Towers::Shared(tower), head }) => {
                write!(f, "distance({}) {}", described(tower), described(head))
            }
            Self::Pair(PairLayers { towers: Towers::Apart { a, b }, head }) => {
                write!(f, "({} | {}) {}", described(a), described(b), described(head))
            }
        }
    }
}

impl FromStr for Structure {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || -> Option<Self> {
            let pair = |(towers, head)| Some(Self::Pair(PairLayers { towers, head: layers(head)? }));
            if let Some(rest) = text.strip_prefix("distance(") {
                let (tower, head) = closed(rest)?;
                pair((Towers::Shared(layers(tower)?), head))
            } else if let Some(rest) = text.strip_prefix('(') {
                let (both, head) = closed(rest)?;
                let (a, b) = both.split_once(" | ")?;
                pair((Towers::Apart { a: layers(a)?, b: layers(b)? }, head))
            } else {
                layers(text).map(Self::Sequence)
            }
        };
        read().ok_or_else(|| format!("`{text}`, expected layers such as `784-100 ELU 100-5`"))
    }
}

/// Parts a text after the bracket that closes one before it.
fn closed(text: &str) -> Option<(&str, &str)> {
    let mut open = 1;
    let end = text.find(|character| {
        open += match character {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        open == 0
    })?;
    Some((&text[..end], &text[end + 1..]))
}

fn layers(text: &str) -> Option<Vec<Layer>> {
    let (mut layers_read, mut rest, mut width) = (Vec::new(), text.trim_start(), 0);
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix("frozen(") {
            let (frozen, after) = inside.split_once(')')?; // Frozen layers hold no others, so the first one closes them.
            layers_read.push(Layer::Frozen(layers(frozen)?));
            rest = after.trim_start();
            continue;
        }
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        let (argument, after_it) = after.split_once(' ').unwrap_or((after, ""));
        let (layer, after) = match word {
            "dropout" => (Layer::Dropout { rate: argument.parse().ok()? }, after_it),
            "batch-norm" => (Layer::BatchNorm { features: width, momentum: argument.parse().ok()? }, after_it),
            "leaky" => {
                let (slope, after) = after_it.split_once(' ').unwrap_or((after_it, ""));
                (Layer::Activation(format!("leaky {argument} {slope}").parse().ok()?), after)
            }
            _ => match word.split_once('-') {
                Some((inputs, outputs)) => {
                    width = outputs.parse().ok()?;
                    (Layer::Linear { inputs: inputs.parse().ok()?, outputs: width }, after)
                }
                None => (Layer::Activation(word.parse::<Activation>().ok()?), after),
            },
        };
        layers_read.push(layer);
        rest = after.trim_start();
    }
    Some(layers_read)
}

#[cfg(test)]
mod tests {
    use super::super::*;
    use super::Structure;

    type Tower = (Hidden<784, 100>, NormalisedHidden<100, 100>);
    type Network = (Frozen<Hidden<784, 100>>, (Dropout, Linear<100, 50>, Activation), Linear<50, 5>);
    type Apart = PairNetwork<Tower, (Frozen<Hidden<784, 100>>, Hidden<100, 100>), (Hidden<200, 10>, Linear<10, 1>)>;

    /// Holds that a network's text is read as its layers, and that these have the shapes of its tensors.
    fn assert_read(network: &dyn AnyNetwork, expected: &Structure) {
        let text = network.architecture();
        assert_eq!(text.parse().as_ref(), Ok(expected), "{text}");
        assert_eq!(expected.to_string(), text);
        let shapes: Vec<_> = export_tensors(network).into_iter().map(|tensor| tensor.shape).collect();
        assert_eq!(expected.shapes(), shapes, "{text}");
    }

    #[test]
    fn every_architecture_is_read_as_it_is_written() {
        let mut network: Network = build(1);
        network.1.0.rate = 0.2;
        network.1.2 = Activation::LeakyRelu { slope: 0.1 };
        assert_read(&network, &Structure::Sequence(network.layers()));
        let network: Apart = build(1);
        assert_read(&network, &Structure::Pair(TwoTowers::layers(&network)));
        let network: Siamese<Tower, Linear<100, 1>> = build(1);
        assert_read(&network, &Structure::Pair(TwoTowers::layers(&network)));
    }

    #[test]
    fn what_is_no_architecture_is_refused() {
        for wrong in [
            "784",
            "784-x",
            "tanh",
            "dropout",
            "frozen(784-5",
            "(784-5) 1-1",
            "distance(784-5",
            "leaky ReLU",
            "frozen(frozen(1-1))",
        ] {
            assert!(wrong.parse::<Structure>().unwrap_err().contains(wrong), "{wrong}");
        }
    }
}
