// Runs in a page: the player's worklet without an audio thread, in time of its own, fed with a tone.
async () => {
  const rate = 16000, quantum = 128, block = 800, amplitude = 0.6, tone = (2 * Math.PI * 200) / rate;
  let Player;
  globalThis.sampleRate = rate;
  globalThis.currentTime = 0;
  globalThis.AudioWorkletProcessor = class { port = { postMessage() {} }; };
  globalThis.registerProcessor = (_, found) => { Player = found; };
  await import("/static/console/live/worklet.js");

  let seed = 1;
  const random = () => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed / 2147483648; };

  /** Blocks come every 50 ms of a sender's clock that drifts, up to `late` seconds late; `stall` seconds of nothing now and then. */
  function arrivals({ seconds, drift = 0, late = 0.02, every = 0, stall = 0 }) {
    const found = [];
    let until = 0;
    for (let number = 0; number < seconds * 20; number += 1) {
      const at = (number + 1) * 0.05 * (1 + drift) + 0.015 + random() * late;
      if (every && number % every === every - 1) until = at + stall;
      found.push(Math.max(at, until, found.at(-1) ?? 0));
    }
    return found;
  }

  function run(conditions) {
    const player = new Player({}), due = arrivals(conditions), drift = conditions.drift ?? 0;
    const out = new Float32Array(quantum), lags = [], pcm = new Int16Array(block);
    let next = 0, before = 0, beforeThat = 0, sharpest = 0, last = 0;
    for (let now = 0; now < conditions.seconds; now += quantum / rate) {
      for (; due[next] <= now; next += 1) {
        for (let at = 0; at < block; at += 1) pcm[at] = Math.round(32767 * amplitude * Math.sin(tone * (next * block + at)));
        const segments = [{ lane: 0, position: 28357862400000 + next * block, pcm: pcm.slice(), rate }];
        player.port.onmessage({ data: { what: "block", segments, arrived: 0 } });
      }
      out.fill(0);
      globalThis.currentTime = now;
      player.process([], [[out]]);
      for (const sample of out) {
        sharpest = Math.max(sharpest, Math.abs(sample - 2 * before + beforeThat));
        beforeThat = before;
        before = sample;
      }
      if (player.dry) continue;
      last = now - ((player.head - 131072) / rate) * (1 + drift);
      lags.push(last);
    }
    lags.sort((one, other) => one - other);
    const share = (part) => lags[Math.floor(part * (lags.length - 1))];
    return { p50: share(0.5), p95: share(0.95), sharpest, last, ...player.counts };
  }

  return {
    "even": run({ seconds: 100 }),
    "fast sender": run({ seconds: 200, drift: -0.0003 }),
    "slow sender": run({ seconds: 200, drift: 0.0003 }),
    "an hour of drift": run({ seconds: 360, drift: 0.001 }), // ten times an ordinary clock's, in a tenth of the time
    "late blocks": run({ seconds: 100, late: 0.12 }),
    "stalls": run({ seconds: 150, every: 600, stall: 0.5 }),
    "sleep": run({ seconds: 145, every: 1000, stall: 3 }),
  };
}
