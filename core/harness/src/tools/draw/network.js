// The trained network, and its forward pass.

/// Decodes the layers: the weights are base64 of little-endian 32-bit floats, each layer's matrix (outputs, inputs), then its biases.
function decode(model) {
  const bytes = Uint8Array.from(atob(model.weights), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  const take = (count) => Float32Array.from({ length: count }, () => view.getFloat32(4 * at++, true));
  return model.layers.map(({ inputs, outputs, activation }) => {
    const weights = take(inputs * outputs);
    return { inputs, outputs, activation, weights, biases: take(outputs) };
  });
}

/// Sends 784 numbers from 0 to 1 through the layers; returns the activations of each
/// hidden layer, the logits and the probabilities.
function forward(layers, pixels) {
  const outputs = [];
  let values = pixels;
  for (const layer of layers) {
    values = dense(layer, values);
    outputs.push(values);
  }
  const logits = outputs.pop();
  return { hidden: outputs, logits, probabilities: softmax(logits) };
}

function dense({ inputs, outputs, activation, weights, biases }, values) {
  const results = new Float32Array(outputs);
  for (let output = 0; output < outputs; output++) {
    let sum = biases[output];
    const row = output * inputs;
    for (let input = 0; input < inputs; input++) sum += weights[row + input] * values[input];
    results[output] = activate(activation, sum);
  }
  return results;
}

/// Applies an activation function: the logistic function, ELU, a rectified linear unit, given by its slope below 0, or none.
function activate(activation, z) {
  if (activation === "logistic") return 1 / (1 + Math.exp(-z));
  if (activation === null || z > 0) return z;
  return activation === "ELU" ? Math.expm1(z) : activation * z;
}

function softmax(logits) {
  const largest = Math.max(...logits);
  const exponentials = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = exponentials.reduce((sum, value) => sum + value, 0);
  return exponentials.map((value) => value / sum);
}
