// A waveform on a canvas, as sharp as the screen. Knows nothing of sessions.

/** Draws `wave` ({from, to, points: [[lowest, highest]]}, ms) over the stretch from `from` to `to`; `gain` scales −128…127. */
export function drawWave(canvas, wave, { from, to }, gain, colour) {
  const context = fitted(canvas);
  const { width, height } = canvas;
  if (!wave?.points.length || to <= from) return;
  context.fillStyle = colour;
  const perPoint = (wave.to - wave.from) / wave.points.length;
  const middle = height / 2;
  for (let x = 0; x < width; x += 1) {
    const start = (from + ((to - from) * x) / width - wave.from) / perPoint;
    const end = start + (to - from) / width / perPoint;
    const [low, high] = extremes(wave.points, start, end);
    if (low === 0 && high === 0) continue;
    const top = Math.max(0, middle - (high * gain * middle) / 128);
    const bottom = Math.min(height, middle - (low * gain * middle) / 128);
    context.fillRect(x, top, 1, Math.max(1, bottom - top));
  }
}

/** The canvas cleared, and as many points wide as the screen shows. */
export function fitted(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  return context;
}

function extremes(points, start, end) {
  let [low, high] = [0, 0];
  const last = Math.min(points.length - 1, Math.max(Math.floor(start), Math.ceil(end) - 1));
  for (let at = Math.max(0, Math.floor(start)); at <= last; at += 1) {
    if (points[at][0] < low) low = points[at][0];
    if (points[at][1] > high) high = points[at][1];
  }
  return [low, high];
}
