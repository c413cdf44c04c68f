// Runs in the board's page: 200 sessions of three lanes whose levels change five times a second, as messages of the
// server. Returns the middle gap between two frames of the browser in ms, and how long the slowest message took.
async () => {
  const { feed } = window.board, count = 200;
  let seq = 1000;
  feed.socket.close();
  const say = (facts) => {
    const detail = JSON.stringify({ seq, at: Date.now(), ...facts });
    const began = performance.now();
    feed.socket.dispatchEvent(new CustomEvent("message", { detail }));
    seq += 1;
    return performance.now() - began;
  };
  const at = new Date(Date.now() - 300_000).toISOString();
  const lanes = ["Ada", "Ben", "Cleo"].map((label) => ({ id: label, label, raw_id: label, kind: "phone" }));
  const one = (n) => ({
    id: `s${n}`, n, name: `call ${n}`, state: "recording", reason: "", started_at: at, since: at, channels: "unmixed",
    call: null, participants: lanes, spoke: [Date.now(), Date.now(), null],
  });
  const sessions = Array.from({ length: count }, (_, n) => one(n));
  say({ type: "snapshot", sessions, calls: [], incoming: [], trouble: "" });
  const gaps = [], end = performance.now() + 4000;
  let slowest = 0, frame = performance.now();
  const timer = setInterval(() => {
    const of = Object.fromEntries(sessions.map(({ n }) => [n, lanes.map(() => 20 + Math.floor(Math.random() * 40) + 128 * (Math.random() > 0.5))]));
    slowest = Math.max(slowest, say({ type: "levels", of }));
    say({ type: "beat", trouble: "" });
  }, 200);
  await new Promise((done) => {
    const next = (now) => {
      gaps.push(now - frame);
      frame = now;
      if (now < end) requestAnimationFrame(next);
      else done();
    };
    requestAnimationFrame(next);
  });
  clearInterval(timer);
  gaps.sort((first, second) => first - second);
  return { gap: gaps[gaps.length >> 1], slowest, rows: document.querySelectorAll("[data-session]").length };
}
