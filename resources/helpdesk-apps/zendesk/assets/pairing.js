// Pairing, once: a key agreed on in the open and confirmed digit by digit, so that nobody in between learns or guesses the code.

import { fromBase64, join, random, toBase64, utf8 } from "./bytes.js";

const DIGITS = 6;
const NONCE_BYTES = 32;
const POINT_BYTES = 65;
const HASH_BYTES = 32;
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const INFO = utf8("kibitz link 1 pair");

/** Why a try ended: "code", "order", "busy", "late", "cancelled", or "lost" for a connection that went. */
export class Refused extends Error {
  constructor(why) {
    super(`pairing was refused: ${why}`);
    this.why = why;
  }
}

async function commitment(nonce, side, i, digit, points) {
  const key = await crypto.subtle.importKey("raw", nonce, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, join(utf8(side), Uint8Array.of(i), utf8(digit), points)));
}

const isSame = (one, other) => one.length === other.length && one.reduce((diff, byte, at) => diff | (byte ^ other[at]), 0) === 0;

export class Pairing {
  #post;
  #own = null;
  #frames = [];
  #arrived = () => {};
  #end;
  #refusal = null;

  constructor(post) {
    this.#post = post;
    /** Rejects with `Refused` when this try ends without a key. */
    this.ended = new Promise((_, reject) => {
      this.#end = reject;
    });
    this.ended.catch(() => {});
  }

  /** Take a frame of the app that belongs to this try. */
  take(frame) {
    if (frame.t === "refused") this.end(typeof frame.why === "string" ? frame.why : "order");
    else this.#frames.push(frame);
    this.#arrived();
  }

  end(why) {
    this.#refusal ??= new Refused(why);
    this.#end(this.#refusal);
  }

  /** Stop because of something on this side, and tell the app. Returns what it was. */
  refuse(why) {
    if (this.#refusal === null) this.#post({ t: "refused", why });
    this.end(why);
    return this.#refusal;
  }

  /** Ask the app for a code; it is on the panel when this returns what `confirm` needs. */
  async ask(name) {
    this.#own = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
    const ours = new Uint8Array(await crypto.subtle.exportKey("raw", this.#own.publicKey));
    this.#say({ t: "pair", v: 1, name, key: toBase64(ours) });
    const answer = await this.#next("pairing");
    if (!/^[0-9a-f]{16}$/.test(answer.id)) throw this.refuse("order");
    return { id: answer.id, ours, theirs: this.#bytes(answer.key, POINT_BYTES) };
  }

  /** Prove the code to the app and have it prove the code; return the key of the link, which cannot be exported. */
  async confirm({ ours, theirs }, code) {
    const points = join(ours, theirs);
    for (let i = 0; i < DIGITS; i += 1) await this.#round(i, code[i], points);
    await this.#next("paired");
    return this.#key(theirs, points);
  }

  async #round(i, digit, points) {
    const nonce = random(NONCE_BYTES);
    this.#say({ t: "commit", i, commit: toBase64(await commitment(nonce, "ext", i, digit, points)) });
    const promised = this.#bytes((await this.#next("commit", i)).commit, HASH_BYTES);
    this.#say({ t: "reveal", i, nonce: toBase64(nonce) });
    const shown = this.#bytes((await this.#next("reveal", i)).nonce, NONCE_BYTES);
    if (!isSame(promised, await commitment(shown, "app", i, digit, points))) throw this.refuse("code");
  }

  async #key(theirs, points) {
    const point = await crypto.subtle.importKey("raw", theirs, CURVE, false, []);
    const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: point }, this.#own.privateKey, 256);
    const secret = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveBits"]);
    const bits = await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt: points, info: INFO }, secret, 256);
    const key = await crypto.subtle.importKey("raw", bits, "HKDF", false, ["deriveBits"]);
    new Uint8Array(shared).fill(0);
    new Uint8Array(bits).fill(0);
    return key;
  }

  #say(frame) {
    if (this.#refusal) throw this.#refusal;
    this.#post(frame);
  }

  async #next(type, i = undefined) {
    while (!this.#frames.length) {
      const arrived = new Promise((resolve) => {
        this.#arrived = resolve;
      });
      await Promise.race([arrived, this.ended]);
    }
    const frame = this.#frames.shift();
    if (frame.t !== type || frame.i !== i) throw this.refuse("order");
    return frame;
  }

  #bytes(value, length) {
    try {
      return fromBase64(value, length);
    } catch {
      throw this.refuse("order");
    }
  }
}
