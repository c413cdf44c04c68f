// The sound of a running call as it comes over the socket; the layout stands in media/live/hearing.py.

const HEAD = 16, SEGMENT = 24, VERSION = 1;

/** ArrayBuffer → {seq, arrived (ms, the server's clock), rate, segments: [{lane, rate, position, pcm: Int16Array}]}. */
export function parse(buffer) {
  const view = new DataView(buffer);
  if (view.getUint8(0) !== VERSION) throw new Error("This page is older than the server: reload it.");
  const segments = [];
  let at = HEAD;
  for (let count = view.getUint8(1); count > 0; count -= 1) {
    const samples = view.getUint32(at + 8, true);
    segments.push({
      lane: view.getUint16(at, true),
      rate: view.getUint32(at + 4, true),
      position: Number(view.getBigInt64(at + 16, true)),
      pcm: new Int16Array(buffer, at + SEGMENT, samples),
    });
    at += SEGMENT + 2 * samples;
  }
  return { seq: view.getUint32(4, true), arrived: view.getFloat64(8, true), rate: segments[0]?.rate, segments };
}
