// What the server's clock says, by this page's performance.now(): from questions and answers over a socket that is open
// anyway. The answer that took least time is believed.

const KEPT = 12;

export class ServerClock {
  constructor() {
    this.answers = [];
  }

  /** `asked` and `now`: performance.now() at question and answer; `server`: its clock in between, ms since the epoch. */
  note(asked, now, server) {
    this.answers.push({ took: now - asked, ahead: server - (asked + now) / 2 });
    if (this.answers.length > KEPT) this.answers.shift();
    this.ahead = this.answers.reduce((best, each) => (each.took < best.took ? each : best)).ahead;
  }

  /** The server's clock at `moment` (performance.now()); undefined before the first answer. */
  at(moment = performance.now()) {
    return this.ahead === undefined ? undefined : moment + this.ahead;
  }
}
