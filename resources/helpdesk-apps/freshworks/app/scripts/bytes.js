// Bytes, base64 and UTF-8, as the frames of the link use them.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const CHUNK = 0x8000; // so many arguments any engine takes

export const utf8 = (text) => encoder.encode(text);
export const text = (bytes) => decoder.decode(bytes);
export const random = (length) => crypto.getRandomValues(new Uint8Array(length));

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function toBase64(bytes) {
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(binary);
}

/** Return the bytes of a base64 text. Throws for anything else, and for another length than `length` if that is given. */
export function fromBase64(value, length = null) {
  if (typeof value !== "string") throw new TypeError("no base64");
  const bytes = Uint8Array.from(atob(value), (letter) => letter.charCodeAt(0));
  if (length !== null && bytes.length !== length) throw new RangeError("another length");
  return bytes;
}
