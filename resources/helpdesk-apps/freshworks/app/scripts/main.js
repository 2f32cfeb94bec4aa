// Freshdesk: what the Freshworks platform (3.0) tells of the ticket, and its own call for writing.

import { show } from "./sidebar.js";

const HEIGHTS_PX = [60, 420];

function helpdeskOf(client) {
  return {
    async ticket() {
      const [{ ticket }, { domainName }] = await Promise.all([client.data.get("ticket"), client.data.get("domainName")]);
      const id = ticket?.display_id ?? ticket?.id;
      // It does not tell whether the editor is open: writing fails where it is not.
      return id && domainName ? { url: `https://${domainName}/a/tickets/${id}`, composer: true } : null;
    },
    insert: (html) => client.interface.trigger("setValue", { id: "editor", text: html }),
    whyNot: "no-composer",
  };
}

async function start() {
  const client = await app.initialized();
  const resize = (height) => {
    const [least, most] = HEIGHTS_PX;
    client.instance.resize({ height: `${Math.min(Math.max(height, least), most)}px` })?.catch?.(() => {});
  };
  const { follower, speak } = show(helpdeskOf(client), { name: "Freshdesk app", resize });
  client.events.on("app.activated", () => follower.activate());
  client.events.on("app.deactivated", () => follower.deactivate());
  client.events.on("ticket.sendReply", () => follower.submitted());
  client.events.on("ticket.addNote", () => follower.submitted());
  const { loggedInUser } = await client.data.get("loggedInUser").catch(() => ({}));
  speak(loggedInUser?.contact?.language ?? navigator.language);
}

start();
