// The sidebar: what the link is doing, and the six digits.

import { Follower } from "./follower.js";
import { wordsFor } from "./words.js";

const part = (id) => document.getElementById(id);
const BUTTONS = { unpaired: ["pair"], off: ["retry"], blocked: ["retry"], away: ["here"], linked: ["forget"], stranger: ["forget"] };

/**
 * Show the sidebar for `helpdesk` (see follower.js), whose frame calls itself `name`. `resize(height_px)` fits the frame.
 * Return the follower, and what changes the language.
 */
export function show(helpdesk, { name, resize }) {
  let words = null;
  let last = "";
  const follower = new Follower(helpdesk, name, draw);

  function speak(locale) {
    const spoken = wordsFor(locale);
    words = spoken.words;
    document.documentElement.lang = spoken.language;
    for (const [id, text] of [["code-label", words.codeLabel], ["code-hint", words.codeHint], ["code-send", words.send], ["code-cancel", words.cancel]]) write(id, text);
    for (const id of ["pair", "retry", "here", "forget"]) write(id, words[id]);
    draw();
  }

  function draw() {
    const { phase, trouble } = follower;
    write("title", words.title[phase]);
    write("lead", words.lead[phase]);
    const said = phase === "unpaired" ? words.trouble[trouble] ?? "" : "";
    write("trouble", said);
    part("trouble").hidden = !said;
    part("code-form").hidden = phase !== "code";
    part("mark").className = `mark ${phase}`;
    for (const id of ["pair", "retry", "here", "forget"]) part(id).hidden = !(BUTTONS[phase] ?? []).includes(id);
    if (phase === "code" && last !== "code") {
      part("code").value = "";
      part("code").focus();
    }
    last = phase;
    resize(Math.ceil(document.body.getBoundingClientRect().height));
  }

  function write(id, text) {
    if (part(id).textContent !== text) part(id).textContent = text;
  }

  part("code").addEventListener("input", () => {
    part("code").value = part("code").value.replace(/[^0-9]/g, "");
  });
  part("code-form").addEventListener("submit", (event) => {
    event.preventDefault();
    follower.enter(part("code").value);
  });
  part("code-cancel").addEventListener("click", () => follower.cancel());
  part("pair").addEventListener("click", () => follower.pair());
  part("retry").addEventListener("click", () => follower.activate());
  part("here").addEventListener("click", () => follower.activate());
  part("forget").addEventListener("click", () => follower.forget());
  speak(navigator.language);
  return { follower, speak };
}
