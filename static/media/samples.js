// Samples on their way to the loudspeaker: fades, joins, and the limit of a sum. Knows nothing of lanes and pages.

/** In at the beginning, or out at the end. */
export function fade(lane, count, out = false) {
  const edge = Math.min(count, lane.length);
  for (let at = 0; at < edge; at += 1) lane[out ? lane.length - 1 - at : at] *= at / edge;
}

export function joined(parts) {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => { whole.set(part, at); return at + part.length; }, 0);
  return whole;
}

/** The way out: sums up to 0.8 of full scale as they are, beyond it the server's soft limiter (media/stream/mix.py). */
export function limited(context) {
  const [room, threshold, size] = [8, 0.8, 16385];
  const curve = Float32Array.from({ length: size }, (_, at) => {
    const sum = (at / ((size - 1) / 2) - 1) * room;
    const excess = Math.abs(sum) - threshold;
    return excess <= 0 ? sum : Math.sign(sum) * (threshold + (1 - threshold) * Math.tanh(excess / (1 - threshold)));
  });
  const quieter = new GainNode(context, { gain: 1 / room });
  quieter.connect(new WaveShaperNode(context, { curve })).connect(context.destination);
  return quieter;
}
