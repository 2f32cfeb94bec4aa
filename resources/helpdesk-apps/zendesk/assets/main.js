// Zendesk: what its apps framework (ZAF v2) tells of the ticket, and its own call for writing. Each ticket that is open has a frame of its own.

import { show } from "./sidebar.js";

const client = ZAFClient.init();
const HEIGHTS_PX = [60, 420];

const helpdesk = {
  async ticket() {
    const [{ account }, found] = await Promise.all([client.context(), client.get(["ticket.id", "ticket.status"])]);
    const id = found["ticket.id"];
    if (!id || !account?.subdomain) return null;
    return { url: `https://${account.subdomain}.zendesk.com/agent/tickets/${id}`, composer: found["ticket.status"] !== "closed" };
  },
  insert: (html) => client.invoke("ticket.editor.insert", html),
  whyNot: "failed",
};

function resize(height) {
  const [least, most] = HEIGHTS_PX;
  client.invoke("resize", { width: "100%", height: `${Math.min(Math.max(height, least), most)}px` }).catch(() => {});
}

const { follower, speak } = show(helpdesk, { name: "Zendesk app", resize });
// Frames of tickets that are not in front are loaded, too: only Zendesk tells which one is.
client.on("app.activated", () => follower.activate());
client.on("app.deactivated", () => follower.deactivate());
client.on("ticket.status.changed", () => follower.changed());
client.on("ticket.submit.done", () => follower.submitted());
client.get("currentUser.locale").then((found) => speak(found["currentUser.locale"]), () => {});
