// Brings strokes into MNIST's form, as `core/harness/src/picture/normalise.rs` does, operation by operation, so that both
// get the same pixels.

const SIDE = 28;
const BOX_SIDE = 20;
const FAINTEST = 26;

/// Takes rows of ink, 0 to 255, and returns 784 pixels, 0 to 255; null without strokes.
function normalise(ink, width, height) {
  const box = extent(ink, width, height);
  if (!box) return null;
  const longer = Math.max(box.width, box.height);
  const columns = scaledSide(box.width, longer);
  const rows = scaledSide(box.height, longer);
  // Each pixel becomes the mean of what it covers: along the rows first, then along the columns.
  const wide = new Float64Array(columns * box.height);
  for (let y = 0; y < box.height; y++) {
    const start = (box.top + y) * width + box.left;
    for (let column = 0; column < columns; column++) {
      wide[y * columns + column] = meanUnder(column, columns, box.width, ink, start, 1, FAINTEST);
    }
  }
  const small = new Float64Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      small[row * columns + column] = meanUnder(row, rows, box.height, wide, column, columns, 0);
    }
  }
  const most = small.reduce((most, value) => Math.max(most, value), 0);
  const [columnShift, rowShift] = shifts(small, columns, rows);
  const pixels = new Uint8Array(SIDE * SIDE);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = Math.floor((small[row * columns + column] * 255) / most + 0.5);
      pixels[(row + rowShift) * SIDE + column + columnShift] = value;
    }
  }
  return pixels;
}

/// Finds the box around the strokes.
function extent(ink, width, height) {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++) {
    const start = y * width;
    let first = 0;
    while (first < width && ink[start + first] < FAINTEST) first++;
    if (first === width) continue;
    let last = width - 1;
    while (ink[start + last] < FAINTEST) last--;
    left = Math.min(left, first);
    right = Math.max(right, last);
    top = Math.min(top, y);
    bottom = y;
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

function scaledSide(side, longer) {
  return Math.max(Math.floor((side * BOX_SIDE) / longer + 0.5), 1);
}

/// Scales `count` values, those at `first` and every `step` after it, to so many pixels, and returns the mean of the values
/// that the pixel `index` covers; a value below `least` counts as 0.
function meanUnder(index, pixels, count, values, first, step, least) {
  const start = (index * count) / pixels;
  const end = ((index + 1) * count) / pixels;
  const stop = Math.min(Math.ceil(end), count);
  let sum = 0;
  for (let position = Math.floor(start); position < stop; position++) {
    const overlap = Math.min(end, position + 1) - Math.max(start, position);
    const value = values[first + step * position];
    if (value >= least) sum += overlap * value;
  }
  return sum / (end - start);
}

/// Returns the column and the row where the digit begins. They put its centre of mass in column and row 14, counted from 0,
/// unless part of it would then be outside of the image.
function shifts(small, columns, rows) {
  let [mass, horizontal, vertical] = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = small[row * columns + column];
      mass += value;
      horizontal += value * (column + 0.5);
      vertical += value * (row + 0.5);
    }
  }
  const shift = (moment, size) => {
    const shift = Math.floor(SIDE / 2 + 1 - moment / mass);
    return Math.min(Math.max(shift, 0), SIDE - size);
  };
  return [shift(horizontal, columns), shift(vertical, rows)];
}
