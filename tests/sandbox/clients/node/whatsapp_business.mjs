// whatsapp-business: axios and form-data, v17.0; host and version are fixed in its constructor, but its axios is
// reachable. Its webhook door is Express and checks no signature.

import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import express from "express";
import { WABAClient, WebhookClient } from "whatsapp-business";
import { account, close, open, step } from "./day.mjs";

const number = account.phone_number_id;
const client = new WABAClient({ apiToken: account.access_token, phoneId: number, accountId: account.waba_id });
const { defaults } = client.restClient.fetch;
defaults.baseURL = defaults.baseURL.replace("https://graph.facebook.com", account.url);

const to = account.customer;
const send = (type, content, more) => client.sendMessage({ to, type, [type]: content, ...more });
const received = { messages: [], statuses: [], refused: 0 };
const app = express();
app.use(express.json());
new WebhookClient({
  path: "/hook", token: account.verify_token, expressApp: { app, shouldStartListening: false },
}).initWebhook({
  onMessageReceived: (message, contact) => {
    const { id, from, from_user_id: user_id, type } = message;
    received.messages.push({ id, from, user_id, type, name: contact?.profile?.name, content: message[type] });
  },
  onStatusReceived: (status) => received.statuses.push(status),
});
const inbound = await open(app);

// Media
async function upload(type, name) {
  const file = join(account.folder, name);
  await writeFile(file, `bytes of ${name}`);
  return client.uploadMedia({ file, type });
}
const image = await step("upload image", () => upload("image/jpeg", "loaf.jpg"));
const audio = await step("upload audio", () => upload("audio/ogg", "hello.ogg"));
const video = await step("upload video", () => upload("video/mp4", "oven.mp4"));
const paper = await step("upload document", () => upload("application/pdf", "menu.pdf"));
const sticker = await step("upload sticker", () => upload("image/webp", "bun.webp"));
const facts = await step("media facts", () => client.getMedia(image.id));
await step("download media", async () => {
  const path = join(account.folder, "downloaded.jpg");
  await once(await client.downloadMedia(facts.url, path), "finish");
  return readFile(path, "utf8");
});

// Every kind of message
await step("send text", () =>
  send("text", { body: "Your loaf is ready: https://bakery.example/17 \u{1F35E}", preview_url: true }, {
    recipient_type: "individual", context: { message_id: inbound.id }, biz_opaque_callback_data: "order=17",
  }));
await step("send image", () => send("image", { id: image.id, caption: "Your loaf" }));
await step("send image by link", () => send("image", { link: "https://bakery.example/loaf.jpg" }));
await step("send audio", () => send("audio", { id: audio.id }));
await step("send video", () => send("video", { id: video.id, caption: "The oven" }));
await step("send document", () => send("document", { id: paper.id, filename: "menu.pdf", caption: "The menu" }));
await step("send sticker", () => send("sticker", { id: sticker.id }));
await step("send location", () =>
  send("location", { latitude: "51.5", longitude: "-0.12", name: "Harbour Lane", address: "1 Harbour Lane" }));
await step("send contacts", () =>
  send("contacts", [{
    name: { formatted_name: "Ada Baker", first_name: "Ada" },
    phones: [{ phone: "+447700900123", type: "WORK", wa_id: "447700900123" }],
    emails: [{ email: "ada@bakery.example", type: "WORK" }],
    org: { company: "Harbour Lane" },
  }]));
await step("send reaction", () => send("reaction", { message_id: inbound.id, emoji: "\u{1F35E}" }));
const interactive = (type, text, action, more) =>
  send("interactive", { type, body: { text }, action, ...more });
await step("send buttons", () =>
  interactive("button", "Collect it today?", {
    buttons: [
      { type: "reply", reply: { id: "yes", title: "Yes" } }, { type: "reply", reply: { id: "no", title: "No" } },
    ],
  }, { header: { type: "image", image: { id: image.id } }, footer: { text: "Harbour Lane" } }));
await step("send list", () =>
  interactive("list", "When?", {
    button: "Times",
    sections: [{ title: "Today", rows: [{ id: "t10", title: "10:00", description: "Half an hour" }] }],
  }, { header: { type: "text", text: "Slots" } }));
await step("send product", () =>
  interactive("product", "Our rye", { catalog_id: "600100200300601", product_retailer_id: "RYE-1" }));
await step("send product list", () =>
  interactive("product_list", "Our picks", {
    catalog_id: "600100200300601",
    sections: [{ title: "Bread", product_items: [{ product_retailer_id: "RYE-1" }] }],
  }, { header: { type: "text", text: "Shop" } }));
await step("send catalog", () =>
  interactive("catalog_message", "All we bake", {
    name: "catalog_message", parameters: { thumbnail_product_retailer_id: "RYE-1" },
  }));
await step("send message template", () =>
  send("template", {
    name: "order_update", language: { policy: "deterministic", code: "en_US" },
    components: [{ type: "body", parameters: [{ type: "text", text: "Ana" }, { type: "text", text: "17" }] }],
  }));
await step("send outside the window", () =>
  client.sendMessage({ to: "+447700900999", type: "text", text: { body: "Hello" } }));
await step("send to a refused number", () =>
  client.sendMessage({ to: "+12025559015", type: "text", text: { body: "Hello" } }));
await step("send an unknown message template", () =>
  send("template", { name: "never_made", language: { policy: "deterministic", code: "en_US" } }));
await step("mark read", () => client.markMessageAsRead(inbound.id));

// The number
await step("list numbers", () => client.getBusinessPhoneNumbers());
await step("get number", () => client.getSingleBusinessPhoneNumber(number));
await step("update profile", () =>
  client.updateBusinessProfile({
    about: "Bread since 1921", email: "hello@bakery.example", vertical: "RETAIL",
    websites: ["https://bakery.example/"],
  }));
await step("get profile", () => client.getBusinessProfile(["about", "email", "vertical", "websites"]));
await step("get whole profile", () => client.getBusinessProfile());
await step("identity check", () => client.updateIdentityCheckState({ enable_identity_key_check: true }));
await step("set PIN", () => client.setupTwoStepAuth({ phoneNumberId: number, pin: "246810" }));
await step("delete media", () => client.deleteMedia(image.id));
await step("media facts after deletion", () => client.getMedia(image.id));
await step("deregister", () => client.deregisterPhone(number));
await step("register", () => client.registerPhone({ phoneNumberId: number, pin: "246810" }));

await close(received);
