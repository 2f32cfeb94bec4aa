// The port to the native host: connecting, connecting again, and nothing that is too long or no object.

export const HOST = "org.kibitz.link";
export const MAX_FRAME_BYTES = 262_144;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

const sizeOf = (frame) => new TextEncoder().encode(JSON.stringify(frame)).length;
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Why the browser gave up the port: the host is not installed here, it may not be used, or it just ended. */
function reasonOf(error) {
  const message = error?.message ?? "";
  if (/not found|no such native|not installed/i.test(message)) return "missing";
  if (/forbidden|not allowed/i.test(message)) return "forbidden";
  return "ended";
}

export class Link {
  #port = null;
  #timer = 0;
  #wait = FIRST_WAIT_MS;
  #isWanted = false;
  #isFresh = false;
  #onUp;
  #onDown;
  #onFrame;

  /**
   * `onUp()`: the app can be talked to, on a connection that is new. `onDown(why)`: it cannot, because there is no "host"
   * ("missing", "forbidden"; "broken": it ended without a word; "ended") or no "app". `onFrame(frame)`: an object that the app sent.
   */
  constructor({ onUp, onDown, onFrame }) {
    this.#onUp = onUp;
    this.#onDown = onDown;
    this.#onFrame = onFrame;
  }

  /** Connect now, and again whenever the connection is lost, until `close`. */
  open() {
    this.#isWanted = true;
    if (this.#port === null) this.#connect();
  }

  close() {
    this.#isWanted = false;
    this.#drop();
  }

  /** End this connection, with whatever is wrong with it, and make another in a moment. */
  breakOff() {
    this.#drop();
    if (this.#isWanted) this.#later();
  }

  /** Somebody asked: make a new connection now. */
  retry() {
    this.#drop();
    this.#wait = FIRST_WAIT_MS;
    this.open();
  }

  send(frame) {
    if (this.#port === null) return false;
    if (sizeOf(frame) > MAX_FRAME_BYTES) throw new RangeError("the frame is too long");
    this.#port.postMessage(frame);
    return true;
  }

  #drop() {
    clearTimeout(this.#timer);
    const port = this.#port;
    this.#port = null;
    port?.disconnect();
  }

  #connect() {
    clearTimeout(this.#timer);
    const port = chrome.runtime.connectNative(HOST);
    this.#port = port;
    this.#isFresh = true;
    port.onMessage.addListener((frame) => port === this.#port && this.#read(frame));
    port.onDisconnect.addListener(() => {
      const why = reasonOf(port.error ?? chrome.runtime.lastError);
      if (port === this.#port) this.#lost(why);
    });
  }

  #lost(why) {
    this.#port = null;
    this.#onDown(why === "ended" && this.#isFresh ? "broken" : why);
    if (this.#isWanted) this.#later();
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), this.#wait);
    this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT_MS);
  }

  #read(frame) {
    if (!isObject(frame) || sizeOf(frame) > MAX_FRAME_BYTES) {
      this.breakOff();
      this.#onDown("ended");
      return;
    }
    if (this.#isFresh) this.#wait = FIRST_WAIT_MS;
    this.#isFresh = false;
    if (frame.app === "up") this.#onUp();
    else if (frame.app === "down") this.#onDown("app");
    else this.#onFrame(frame);
  }
}
