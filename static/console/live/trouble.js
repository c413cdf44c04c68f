// What is wrong with a running session, from what is known of it. The worse, the higher it stands on the board.

const FORGOTTEN_MS = 10 * 60_000; // after so long a media URL that nobody has dialled is no card any more
const SOON_MS = 15_000, SILENT_MS = 30_000, ONE_SIDED_MS = 60_000;
const BEFORE = new Set(["placing", "ringing"]); // a call that nobody has answered yet has no audio

export const UNUSED = -1; // a media URL that nobody has dialled: no call yet, as far as anybody knows, and so below all that runs

/** {rank: 0 (nothing)…3, or UNUSED; words; forgotten?}. `now`: the server's clock, ms since the epoch; `call`: the telephone call, if known. */
export function trouble(session, now, call) {
  const running = now - Date.parse(session.started_at);
  if (session.state === "failed") return { rank: 3, words: "failing" };
  if (session.state === "no_audio") return { rank: 3, words: session.since ? `no audio for ${span(now - Date.parse(session.since))}` : "no audio" };
  const waiting = session.state === "waiting" && !session.participants.length; // who is heard waits no longer, whatever is stored of it
  if (waiting && !call) return { rank: UNUSED, words: "", forgotten: running > FORGOTTEN_MS };
  if (waiting && BEFORE.has(call.state)) return { rank: 0, words: "" };
  if (waiting) return running > SOON_MS ? { rank: 2, words: "no audio yet" } : { rank: 0, words: "" };
  const ages = session.spoke.map((at) => (at === null ? running : now - at));
  const youngest = Math.min(running, ...ages);
  const held = session.participants.filter(({ quiet }) => quiet === "on hold");
  if (youngest > SILENT_MS && held.length) return { rank: 1, words: `silent for ${span(youngest)}: ${held.map(({ label }) => label || "somebody").join(", ")} on hold` };
  if (youngest > SILENT_MS) return { rank: 2, words: `silent for ${span(youngest)}` };
  if (session.channels === "mixed" || running < ONE_SIDED_MS) return { rank: 0, words: "" };
  if (session.participants.length === 1) return { rank: 1, words: "one-sided: only one participant" };
  const quiet = session.participants.filter((one, lane) => !one.quiet && ages[lane] > ONE_SIDED_MS);
  if (!quiet.length) return { rank: 0, words: "" };
  const who = quiet.length === 1 ? quiet[0].label || "one participant" : `${quiet.length} participants`;
  return { rank: 1, words: `one-sided: ${who} silent` };
}

/** ms → "12 s", "3 min", "2 h 05 min". */
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** When a participant last spoke, in words. */
export function spoke(at, speaking, now) {
  if (speaking) return "speaking";
  return at === null ? "not yet heard" : `spoke ${span(now - at)} ago`;
}
