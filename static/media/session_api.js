// What the player asks of the REST API, as the signed-in user. Every failure is an Error whose message is a sentence.

const MOST_GAP_PAGES = 10;

export class SessionApi {
  /** @param {string} root the session's own URL, "/api/v1/sessions/<id>" */
  constructor(root) {
    this.root = root;
  }

  session() {
    return this.#get("?archived=true"); // only that can be heard and drawn
  }

  /** All gaps, up to 2 000 of them: {participant, from_ms, to_ms|null, duration_ms|null, reason}; by their beginning. */
  async gaps() {
    const gaps = [];
    let cursor = "";
    for (let page = 0; page < MOST_GAP_PAGES; page += 1) {
      const answer = await this.#get(`/gaps?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      gaps.push(...answer.items);
      if (!answer.next) break;
      cursor = answer.next;
    }
    return gaps.sort((one, other) => one.from_ms - other.from_ms);
  }

  /** {from, to, points: [[lowest, highest], …] in −128…127} of the part from `from` to `to` (ms). */
  async waveform(participant, points, from, to) {
    const part = `&from_ms=${Math.floor(from)}&to_ms=${Math.ceil(to)}`;
    const answer = await this.#get(`/waveform?participant=${encodeURIComponent(participant)}&points=${points}${part}`);
    const start = Math.floor(from);
    return { from: start, to: start + answer.points.length * answer.ms_per_point, points: answer.points };
  }

  /** Who speaks how loud, and where nobody does. */
  talk() {
    return this.#get("/talk");
  }

  /** A piece to listen to, one channel for each of the participants. */
  async piece(fromMs, toMs, participants, signal) {
    const whose = participants.map((id) => `&participant=${id}`).join("");
    const answer = await this.#fetch(`${this.root}/audio?use=play&layout=multichannel&from_ms=${fromMs}&to_ms=${toMs}${whose}`, { signal });
    if (!answer.ok) throw new Error(await sentence(answer));
    return answer.arrayBuffer();
  }

  async #get(path) {
    const answer = await this.#fetch(this.root + path);
    if (!answer.ok) throw new Error(await sentence(answer));
    return answer.json();
  }

  async #fetch(url, options = {}) {
    try {
      return await fetch(url, { credentials: "same-origin", cache: "no-store", ...options });
    } catch {
      throw new Error("The server cannot be reached.");
    }
  }
}

async function sentence(answer) {
  if (answer.status === 401) return "You are signed out; sign in again and reload this page.";
  const body = await answer.json().catch(() => ({}));
  const detail = Array.isArray(body.detail) ? body.detail.map((fault) => fault.msg).join(" ") : body.detail;
  return detail || `The server answered ${answer.status}.`;
}
