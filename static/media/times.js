// Times as people read them. Knows nothing of the page.

/** Seconds → "m:ss", from an hour on "h:mm:ss". */
export function length(seconds) {
  const whole = Math.max(0, Math.floor(seconds + 1e-6));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Seconds → "m:ss.t". */
export function moment(seconds) {
  const tenths = Math.max(0, Math.floor(seconds * 10 + 1e-6));
  return `${length(tenths / 10)}.${tenths % 10}`;
}

/** "h:mm:ss.t", "m:ss" or plain seconds → seconds; 0 for anything else. */
export function seconds(text) {
  const value = String(text).split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return Number.isFinite(value) && value > 0 ? value : 0;
}

/** How long something lasted: "20 ms", "3.2 s", "4:05". */
export function stretch(ms) {
  if (ms < 1000) return `${ms} ms`;
  return ms < 60000 ? `${(Math.floor(ms / 100) / 10).toFixed(1)} s` : length(ms / 1000);
}
