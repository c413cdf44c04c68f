// Which part of the session the lanes show. Knows nothing of what is drawn.

const LEAST_MS = 500;

export class View extends EventTarget {
  /** Event: "change". `from` and `to` are milliseconds of the session. */
  constructor() {
    super();
    this.lengthMs = 0;
    this.from = 0;
    this.to = 0;
  }

  get whole() {
    return this.from <= 0 && this.to >= this.lengthMs;
  }

  get span() {
    return Math.max(1, this.to - this.from);
  }

  /** A session that grows stays whole in view, where it was whole. */
  grow(lengthMs) {
    const whole = this.whole;
    this.lengthMs = lengthMs;
    if (whole) this.show(0, lengthMs);
    else this.show(this.from, this.to);
  }

  show(from, to) {
    const span = Math.min(this.lengthMs, Math.max(LEAST_MS, to - from));
    const start = Math.min(Math.max(0, from), this.lengthMs - span);
    if (start === this.from && start + span === this.to) return;
    [this.from, this.to] = [start, start + span];
    this.dispatchEvent(new Event("change"));
  }

  /** Nearer (factor below 1) or farther; the moment `at` stays where it is on the screen. */
  zoom(factor, at) {
    const span = Math.max(LEAST_MS, this.span * factor);
    const share = (at - this.from) / this.span;
    const from = at - (share >= 0 && share <= 1 ? share : 0.5) * span;
    this.show(from, from + span);
  }

  pan(ms) {
    this.show(this.from + ms, this.to + ms);
  }

  /** Turns the page when what is heard leaves it. */
  follow(ms) {
    if (this.whole || (ms >= this.from && ms <= this.to)) return;
    this.show(ms - this.span * 0.05, ms + this.span * 0.95);
  }

  /** Where a moment lies, in percent of the view's width. */
  percent(ms) {
    return ((ms - this.from) * 100) / this.span;
  }
}
