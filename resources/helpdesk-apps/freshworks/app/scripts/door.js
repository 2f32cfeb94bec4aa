// The way to Kibitz on this computer: its loopback door, which is shut unless the agent opened it in Kibitz's settings.

const DOOR = "http://127.0.0.1:47811";

async function post(path, body, keepalive = false) {
  return fetch(DOOR + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    credentials: "omit",
    cache: "no-store",
    referrerPolicy: "no-referrer",
    keepalive,
  });
}

/** Tell whether the browser keeps this frame from everything on this computer: newer ones have a permission for that. */
export async function isBlocked() {
  for (const name of ["loopback-network", "local-network-access"]) {
    const found = await navigator.permissions?.query({ name }).catch(() => null);
    if (found) return found.state === "denied";
  }
  return false;
}

export class Door {
  #token = null;
  #sending = Promise.resolve();
  #isOver = false;
  #onFrame;
  #onOver;

  /** `onFrame(frame)`: what Kibitz sent. `onOver(why)`, once: "replaced" (another window took over), "ended" or "down". */
  constructor({ onFrame, onOver }) {
    this.#onFrame = onFrame;
    this.#onOver = onOver;
  }

  /** Begin a session. Returns whether Kibitz is there. */
  async open() {
    try {
      const answer = await post("/open", {});
      if (!answer.ok) return false;
      this.#token = (await answer.json()).session;
    } catch {
      return false;
    }
    if (this.#isOver) this.#leave();
    else this.#listen();
    return true;
  }

  /** Post `frame` after all that were given before it. */
  send(frame) {
    this.#sending = this.#sending.then(async () => {
      if (this.#isOver) return;
      const answer = await post("/send", { session: this.#token, frame });
      if (!answer.ok) this.#end("ended");
    }).catch(() => this.#end("down"));
  }

  /** End the session after what was sent; nothing more is told of it. */
  close() {
    if (this.#isOver) return;
    const last = this.#sending;
    last.then(() => {
      this.#isOver = true;
      this.#leave();
    });
    this.#onFrame = () => {};
    this.#onOver = () => {};
  }

  async #listen() {
    try {
      while (!this.#isOver) {
        const answer = await post("/wait", { session: this.#token });
        if (!answer.ok) throw new Error("the session is gone");
        const { frames, over } = await answer.json();
        frames.forEach((frame) => this.#onFrame(frame));
        if (over) this.#end(over);
      }
    } catch {
      this.#end("down");
    }
  }

  #leave() {
    if (this.#token) post("/end", { session: this.#token }, true).catch(() => {});
  }

  #end(why) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onOver(why);
  }
}
