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

const BY_COLONS = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?)$/;
const BY_LETTERS = /^(?=.)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d*)?)s)?$/i;

/** "h:mm:ss.t", "m:ss", "1h2m3.5s", "30s" or plain seconds → seconds; null for anything else. */
export function seconds(text) {
  const found = BY_COLONS.exec(text.trim()) ?? BY_LETTERS.exec(text.trim());
  return found && found.slice(1).reduce((sum, part) => sum * 60 + Number(part ?? 0), 0);
}

/** How long something lasted: "20 ms", "3.2 s", "4:05". */
export function stretch(ms) {
  if (ms < 1000) return `${ms} ms`;
  return ms < 60000 ? `${(Math.floor(ms / 100) / 10).toFixed(1)} s` : length(ms / 1000);
}
