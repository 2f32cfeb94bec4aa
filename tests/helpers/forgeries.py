"""What a script in a page might try, to be taken for the extension, for the agent or for the app."""

from __future__ import annotations

import json

_SCRIPT = """(async () => {
    const ID = %(id)s;
    const words = [
        { kind: "submitted", page: location.href }, { kind: "composer", page: location.href, present: false },
        { kind: "insert", url: location.href, html: "<p>forged</p>", text: "forged", until: Date.now() + 1e6 },
        { kind: "draft", page: location.href, text: "forged" }, { t: "submitted", tab: 1, url: location.href },
        { app: "up" }, { host: 1, origin: `chrome-extension://${ID}/` },
    ];
    const reached = [];
    for (const word of words) {
        for (const api of [globalThis.chrome, globalThis.browser]) {
            try {
                await api.runtime.sendMessage(ID, word);
                reached.push("sendMessage");
            } catch {}
        }
        for (const target of [window, document, document.querySelector("#composer")]) {
            for (const name of ["message", "kibitz", "submitted", "insert"]) {
                target.dispatchEvent(new CustomEvent(name, { detail: word, bubbles: true }));
            }
        }
        postMessage(word, "*");
    }
    const fake = document.createElement("button");
    fake.dataset.testId = "submit_button-button";
    fake.textContent = "Send";
    document.body.append(fake);
    document.querySelector("#composer").textContent = "Typed by a script.";
    fake.click();
    fake.remove();
    const enter = new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true });
    const keep = (event) => event.preventDefault() ?? event.stopImmediatePropagation();
    document.addEventListener("keydown", keep, { capture: true });
    document.querySelector("#composer").dispatchEvent(enter);
    document.removeEventListener("keydown", keep, { capture: true });
    document.querySelector("#composer").replaceChildren();
    for (const file of ["popup.html", "background.js", "ids.json"]) {
        try {
            await fetch(`%(scheme)s://${ID}/${file}`);
            reached.push(file);
        } catch {}
    }
    if ("kibitz" in globalThis) reached.push("kibitz");
    return reached.join();
})()"""


def forgeries(popup_url: str) -> str:
    """Return a JavaScript expression that tries everything and gives what it reached, as one text. It types and removes
    a text, and sends nothing.
    """
    scheme, _, rest = popup_url.partition("://")
    return _SCRIPT % {"id": json.dumps(rest.partition("/")[0]), "scheme": scheme}
