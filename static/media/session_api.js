// What the player asks of the REST API, as the signed-in user. Every failure is an Error whose message is a sentence.

const MOST_GAP_PAGES = 10;

export class SessionApi {
  /** @param {string} root the session's own URL, "/api/v1/sessions/<id>" */
  constructor(root) {
    this.root = root;
  }

  session() {
    return this.#get("");
  }

  /** All gaps, up to 2 000 of them: {participant, from_ms, to_ms|null, duration_ms|null, reason}. */
  async gaps() {
    const gaps = [];
    let cursor = "";
    for (let page = 0; page < MOST_GAP_PAGES; page += 1) {
      const answer = await this.#get(`/gaps?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      gaps.push(...answer.items);
      if (!answer.next) break;
      cursor = answer.next;
    }
    return gaps;
  }

  /** {points: [[lowest, highest], …] in −128…127, ms_per_point}, from the session's first sound on. */
  waveform(participant, points) {
    return this.#get(`/waveform?participant=${encodeURIComponent(participant)}&points=${points}`);
  }

  /** The mix to listen to; of a running call only what is stored up to `toMs`, so that its length is fixed. */
  audioUrl(toMs) {
    return `${this.root}/audio?use=play${toMs === null ? "" : `&to_ms=${toMs}`}`;
  }

  /** Why the audio at `url` cannot be had; null where it can. */
  async refusal(url) {
    const answer = await this.#fetch(url, { headers: { Range: "bytes=0-0" } });
    return answer.ok ? null : sentence(answer);
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
