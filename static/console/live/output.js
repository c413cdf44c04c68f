// The browser's sound output for running calls: one AudioContext for each sample rate, so that samples reach it as they
// came. Says in plain words why there is none, and what to do.

const INSECURE = "This browser plays running calls only on a secure page. Open the console by https, or at localhost on its own machine.";
const TOO_OLD = "This browser cannot play running calls (it has no AudioWorklet). A newer one can.";
const NO_CLICK = "This browser makes no sound before you have clicked. Click here, or press any key.";

const contexts = new Map();

/** Why no sound can be had here at all; "" where it can. */
export function impossible() {
  if (!window.isSecureContext) return INSECURE;
  return window.AudioWorkletNode && window.AudioContext ? "" : TOO_OLD;
}

/** An open output at that rate, with the player's worklet in it. */
export async function output(rate) {
  if (!contexts.has(rate)) {
    const context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
    contexts.set(rate, { context, ready: context.audioWorklet.addModule(new URL("./worklet.js", import.meta.url)) });
  }
  const { context, ready } = contexts.get(rate);
  await ready;
  if (context.state !== "running") wake();
  return context;
}

/** What keeps an output from sounding; "" while it sounds. */
export function silenced(context) {
  return context.state === "running" ? "" : NO_CLICK;
}

/** Tries to start what the browser holds back; it lets us once somebody has clicked or pressed a key. */
export function wake() {
  for (const { context } of contexts.values()) if (context.state !== "running") context.resume().catch(() => {});
}

for (const gesture of ["pointerdown", "pointerup", "keydown", "touchend"]) addEventListener(gesture, wake, { capture: true, passive: true });

/** When (performance.now()) what an output makes at its time `seconds` is heard. */
export function heardAt(context, seconds) {
  const stamp = context.getOutputTimestamp?.();
  if (stamp?.performanceTime) return stamp.performanceTime + (seconds - stamp.contextTime) * 1000;
  const delay = (context.outputLatency || context.baseLatency || 0) + seconds - context.currentTime;
  return performance.now() + delay * 1000;
}
