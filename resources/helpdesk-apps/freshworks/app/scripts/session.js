// One session: two keys, made for it alone; every frame encrypted, in order, without gaps.

import { fromBase64, join, random, text, toBase64, utf8 } from "./bytes.js";

const NONCE_BYTES = 32;
const KEY_BYTES = 32;
const TO_APP = utf8("e");
const FROM_APP = utf8("a");
const INFO = utf8("kibitz link 1 session");

function ivOf(n) {
  const iv = new Uint8Array(12);
  new DataView(iv.buffer).setBigUint64(4, BigInt(n));
  return iv;
}

const aesKey = (bytes, use) => crypto.subtle.importKey("raw", bytes, "AES-GCM", false, [use]);

export class Session {
  #record;
  #post;
  #nonce = random(NONCE_BYTES);
  #keys = null;
  #sent = 0;
  #received = 0;
  #sending = Promise.resolve();
  #isEnded = false;

  /** `record` is what pairing kept; `post(frame)` hands a frame to the port. */
  constructor(record, post) {
    this.#record = record;
    this.#post = post;
  }

  get isOpen() {
    return this.#keys !== null && !this.#isEnded;
  }

  hello() {
    this.#post({ t: "hello", v: 1, id: this.#record.id, nonce: toBase64(this.#nonce) });
  }

  /** Nothing more goes out: what still waits for its turn belongs to a connection that is gone. */
  end() {
    this.#isEnded = true;
  }

  async welcomed(frame) {
    const theirs = fromBase64(frame.nonce, NONCE_BYTES);
    const derive = { name: "HKDF", hash: "SHA-256", salt: join(this.#nonce, theirs), info: INFO };
    const bits = new Uint8Array(await crypto.subtle.deriveBits(derive, this.#record.key, 16 * KEY_BYTES));
    const [toApp, fromApp] = await Promise.all([aesKey(bits.subarray(0, KEY_BYTES), "encrypt"), aesKey(bits.subarray(KEY_BYTES), "decrypt")]);
    bits.fill(0);
    this.#keys = { toApp, fromApp };
  }

  /** Encrypt and post `message`. The numbers are given in the order of the calls, and frames leave in the order of the numbers. */
  say(message) {
    if (!this.isOpen) return;
    const n = this.#sent++;
    const plain = utf8(JSON.stringify(message));
    const how = { name: "AES-GCM", iv: ivOf(n), additionalData: TO_APP };
    const sealed = crypto.subtle.encrypt(how, this.#keys.toApp, plain);
    this.#sending = this.#sending
      .then(async () => {
        const c = toBase64(new Uint8Array(await sealed));
        if (!this.#isEnded) this.#post({ n, c });
      })
      .catch(() => this.end()); // a gap would end the session anyway
  }

  /** Return the message in `frame`. Throws for a replay, a gap, a wrong tag or anything in clear. Not to be called twice at a time. */
  async read(frame) {
    if (frame.n !== this.#received || Object.keys(frame).length !== 2) throw new RangeError("not the next frame");
    this.#received += 1;
    const how = { name: "AES-GCM", iv: ivOf(frame.n), additionalData: FROM_APP };
    const plain = await crypto.subtle.decrypt(how, this.#keys.fromApp, fromBase64(frame.c));
    return JSON.parse(text(new Uint8Array(plain)));
  }
}
