// The page: strokes in, probabilities, pixels and activations out.

const model = JSON.parse(document.getElementById("model").textContent);
const layers = decode(model);
const paper = document.getElementById("paper");
const pen = paper.getContext("2d", { willReadFrequently: true });
const strokes = [];
/// As thick as MNIST's strokes, once a digit that fills most of the paper is scaled down.
const STROKE_WIDTH = 50;
/// Neurons in a row of a strip.
const STRIP_COLUMNS = 50;

let pointer = null;
/// The last answer, and how many milliseconds it took since the page received the event.
let answer = null;
let milliseconds = 0;

const bars = model.digits.map((digit) => {
  const item = document.createElement("li");
  item.innerHTML = '<span class="digit"></span><span class="track"><span class="bar"></span></span><span class="percent"></span>';
  item.querySelector(".digit").textContent = digit;
  document.getElementById("bars").append(item);
  return { item, bar: item.querySelector(".bar"), percent: item.querySelector(".percent") };
});

const strips = layers.slice(0, -1).map(({ outputs }, index) => {
  const row = document.createElement("div");
  row.className = "strip";
  const name = document.createElement("span");
  name.textContent = `hidden ${index + 1}`;
  const canvas = document.createElement("canvas");
  canvas.width = Math.min(STRIP_COLUMNS, outputs);
  canvas.height = Math.ceil(outputs / canvas.width);
  canvas.setAttribute("role", "img");
  row.append(name, canvas);
  document.getElementById("strips").append(row);
  return canvas;
});

/// Returns how much ink is on each pixel of the paper.
function ink() {
  const { data } = pen.getImageData(0, 0, paper.width, paper.height);
  const ink = new Uint8Array(paper.width * paper.height);
  for (let pixel = 0, alpha = 3; pixel < ink.length; pixel++, alpha += 4) ink[pixel] = data[alpha];
  return ink;
}

/// Classifies 784 pixels, 0 to 255.
function classify(pixels) {
  return forward(layers, Float32Array.from(pixels, (pixel) => pixel / 255));
}

function update(started = performance.now()) {
  const pixels = normalise(ink(), paper.width, paper.height);
  answer = pixels && { pixels, ...classify(pixels) };
  show();
  milliseconds = performance.now() - started;
  document.getElementById("time").textContent = answer
    ? `Answered in ${milliseconds.toFixed(1)} ms, on this page.`
    : "Nothing leaves this page.";
}

function show() {
  const best = answer ? answer.probabilities.indexOf(Math.max(...answer.probabilities)) : -1;
  bars.forEach(({ item, bar, percent }, index) => {
    const probability = answer ? answer.probabilities[index] : 0;
    bar.style.transform = `scaleX(${probability})`;
    percent.textContent = answer ? `${(100 * probability).toFixed(1)} %` : "";
    item.classList.toggle("best", index === best);
  });
  document.getElementById("verdict").textContent = answer ? `It is ${model.digits[best] === 8 ? "an" : "a"} ${model.digits[best]}` : "…";
  document.getElementById("hint").hidden = strokes.length > 0;
  for (const id of ["undo", "clear"]) document.getElementById(id).disabled = strokes.length === 0;
  showPixels();
  strips.forEach((canvas, index) => showStrip(canvas, answer && answer.hidden[index], layers[index].outputs, index));
}

function showPixels() {
  const context = document.getElementById("seen").getContext("2d");
  const image = context.createImageData(SIDE, SIDE);
  for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
    const value = answer ? answer.pixels[pixel] : 0;
    image.data.set([value, value, value, 255], 4 * pixel);
  }
  context.putImageData(image, 0, 0);
}

function showStrip(canvas, values, count, index) {
  const style = getComputedStyle(document.documentElement);
  const [fires, held] = ["--fires", "--held"].map((name) => style.getPropertyValue(name).trim());
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (!values) return canvas.setAttribute("aria-label", `hidden layer ${index + 1}`);
  const largest = values.reduce((largest, value) => Math.max(largest, value), 1e-9);
  for (let neuron = 0; neuron < count; neuron++) {
    const value = values[neuron];
    context.fillStyle = value > 0 ? fires : held;
    context.globalAlpha = value > 0 ? value / largest : Math.min(-value, 1);
    context.fillRect(neuron % canvas.width, Math.floor(neuron / canvas.width), 1, 1);
  }
  const firing = values.reduce((firing, value) => firing + (value > 0 ? 1 : 0), 0);
  canvas.setAttribute("aria-label", `hidden layer ${index + 1}: ${firing} of ${count} neurons above 0`);
}

function place(event) {
  const { left, top, width, height } = paper.getBoundingClientRect();
  return [((event.clientX - left) / width) * paper.width, ((event.clientY - top) / height) * paper.height];
}

/// Draws a stroke from its point `from` on.
function draw(stroke, from) {
  pen.lineWidth = STROKE_WIDTH;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = "#000";
  pen.beginPath();
  pen.moveTo(...stroke[from]);
  for (const point of stroke.slice(from + 1)) pen.lineTo(...point);
  // A lone point is a line to itself.
  if (stroke.length === from + 1) pen.lineTo(...stroke[from]);
  pen.stroke();
}

function redraw() {
  pen.clearRect(0, 0, paper.width, paper.height);
  for (const stroke of strokes) draw(stroke, 0);
  update();
}

paper.addEventListener("pointerdown", (event) => {
  const started = performance.now();
  if (pointer !== null || event.button !== 0) return;
  event.preventDefault();
  pointer = event.pointerId;
  paper.setPointerCapture(pointer);
  strokes.push([place(event)]);
  draw(strokes.at(-1), 0);
  update(started);
});

paper.addEventListener("pointermove", (event) => {
  const started = performance.now();
  if (event.pointerId !== pointer) return;
  const stroke = strokes.at(-1);
  const from = stroke.length - 1;
  const events = event.getCoalescedEvents?.() ?? [];
  stroke.push(...(events.length > 0 ? events : [event]).map(place));
  draw(stroke, from);
  update(started);
});

for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
  paper.addEventListener(name, (event) => {
    if (event.pointerId === pointer) pointer = null;
  });
}

function undo() {
  pointer = null;
  strokes.pop();
  redraw();
}

function clear() {
  pointer = null;
  strokes.length = 0;
  redraw();
}

document.getElementById("undo").addEventListener("click", undo);
document.getElementById("clear").addEventListener("click", clear);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") clear();
  if (event.key === "z" && (event.ctrlKey || event.metaKey)) undo();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
warmUp();
show();

/// Makes the browser compile all functions before the first stroke, which is then answered as fast as the others.
function warmUp() {
  for (let run = 0; run < 3; run++) {
    classify(normalise(new Uint8Array(ink().length).fill(255), paper.width, paper.height));
  }
}
