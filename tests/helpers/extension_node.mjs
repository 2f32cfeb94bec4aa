// The extension's own pairing and session, in Node: frames of the app are lines on stdin, its own are lines on stdout.
// A line {"typed": "123456"} is the agent; {"say": message} makes it say that; what it understands goes out as {"heard": message}.

import readline from "node:readline";
import { Pairing } from "../../resources/browser/pairing.js";
import { Session } from "../../resources/browser/session.js";

const out = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const pairing = new Pairing(out);
let session = null;
let type;
const typed = new Promise((resolve) => (type = resolve));
let taking = Promise.resolve();

async function take(frame) {
  if (frame.say) session.say(frame.say);
  else if (session.isOpen) out({ heard: await session.read(frame) });
  else await session.welcomed(frame);
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const frame = JSON.parse(line);
  if (frame.typed) type(frame.typed);
  else if (session === null) pairing.take(frame);
  else taking = taking.then(() => take(frame)).catch((error) => out({ failed: error.name }));
});

try {
  const agreed = await pairing.ask("Chromium");
  const key = await pairing.confirm(agreed, await typed);
  session = new Session({ id: agreed.id, key }, out);
  session.hello();
} catch (error) {
  out({ failed: error.why });
}
