// @kapso/whatsapp-cloud-api: fetch, camelCase outside, an own `baseUrl`.

import { WhatsAppClient } from "@kapso/whatsapp-cloud-api";
import { normalizeWebhook, verifySignature } from "@kapso/whatsapp-cloud-api/server";
import { account, bodyOf, close, open, step } from "./day.mjs";

const client = new WhatsAppClient({ baseUrl: account.url, accessToken: account.access_token });
const { messages, media, templates, phoneNumbers, flows } = client;
const phoneNumberId = account.phone_number_id;
const businessAccountId = account.waba_id;
const to = { phoneNumberId, to: account.customer };
const received = { messages: [], statuses: [], refused: 0 };

const inbound = await open(async (request, response) => {
  const query = new URL(request.url, "http://localhost").searchParams;
  if (request.method === "GET") {
    const isKnown = query.get("hub.verify_token") === account.verify_token;
    response.writeHead(isKnown ? 200 : 403).end(query.get("hub.challenge"));
    return;
  }
  const rawBody = await bodyOf(request);
  const signatureHeader = request.headers["x-hub-signature-256"];
  if (!verifySignature({ appSecret: account.app_secret, rawBody, signatureHeader })) {
    received.refused += 1;
    response.writeHead(401).end();
    return;
  }
  const events = normalizeWebhook(JSON.parse(rawBody.toString("utf8")));
  for (const message of events.messages) {
    const name = events.contacts[0]?.profile?.name;
    const { id, from, fromUserId, type, kapso } = message;
    received.messages.push({ id, from, user_id: fromUserId, type, name, content: message[type], kapso });
  }
  received.statuses.push(...events.statuses);
  response.writeHead(200).end();
});

// Media
const upload = (type, fileName) =>
  media.upload({ phoneNumberId, type, file: new Blob([`bytes of ${fileName}`], { type }), fileName });
const image = await step("upload image", () => upload("image/jpeg", "loaf.jpg"));
const audio = await step("upload audio", () => upload("audio/ogg", "hello.ogg"));
const video = await step("upload video", () => upload("video/mp4", "oven.mp4"));
const paper = await step("upload document", () => upload("application/pdf", "menu.pdf"));
const sticker = await step("upload sticker", () => upload("image/webp", "bun.webp"));
await step("media facts", () => media.get({ mediaId: image.id, phoneNumberId }));
await step("download media", async () => {
  const bytes = await media.download({ mediaId: image.id, phoneNumberId, auth: "always" });
  return Buffer.from(bytes).toString();
});
await step("download media without the token", async () => {
  const answer = await media.download({ mediaId: image.id, phoneNumberId, as: "response" });
  return answer.status;
});

// Every kind of message
await step("send text", () =>
  messages.sendText({
    ...to, body: "Your loaf is ready: https://bakery.example/17 \u{1F35E}", previewUrl: true,
    contextMessageId: inbound.id, bizOpaqueCallbackData: "order=17",
  }));
await step("send image", () => messages.sendImage({ ...to, image: { id: image.id, caption: "Your loaf" } }));
await step("send image by link", () =>
  messages.sendImage({ ...to, image: { link: "https://bakery.example/loaf.jpg" } }));
await step("send audio", () => messages.sendAudio({ ...to, audio: { id: audio.id, voice: true } }));
await step("send video", () => messages.sendVideo({ ...to, video: { id: video.id, caption: "The oven" } }));
await step("send document", () =>
  messages.sendDocument({ ...to, document: { id: paper.id, filename: "menu.pdf", caption: "The menu" } }));
await step("send sticker", () => messages.sendSticker({ ...to, sticker: { id: sticker.id } }));
await step("send location", () =>
  messages.sendLocation({
    ...to,
    location: { latitude: 51.5, longitude: -0.12, name: "Harbour Lane", address: "1 Harbour Lane" },
  }));
await step("send contacts", () =>
  messages.sendContacts({
    ...to,
    contacts: [{
      name: { formattedName: "Ada Baker", firstName: "Ada" },
      phones: [{ phone: "+447700900123", type: "WORK", waId: "447700900123" }],
      emails: [{ email: "ada@bakery.example", type: "WORK" }],
      org: { company: "Harbour Lane" },
    }],
  }));
await step("send reaction", () =>
  messages.sendReaction({ ...to, reaction: { messageId: inbound.id, emoji: "\u{1F35E}" } }));
await step("send buttons", () =>
  messages.sendInteractiveButtons({
    ...to, bodyText: "Collect it today?", footerText: "Harbour Lane",
    header: { type: "image", image: { id: image.id } },
    buttons: [{ id: "yes", title: "Yes" }, { id: "no", title: "No" }],
  }));
await step("send list", () =>
  messages.sendInteractiveList({
    ...to, bodyText: "When?", buttonText: "Times", header: { type: "text", text: "Slots" },
    sections: [{ title: "Today", rows: [{ id: "t10", title: "10:00", description: "Half an hour" }] }],
  }));
await step("send link button", () =>
  messages.sendInteractiveCtaUrl({
    ...to, bodyText: "Track it", parameters: { displayText: "Open", url: "https://bakery.example/17" },
  }));
await step("send location request", () =>
  messages.sendInteractiveLocationRequest({
    ...to, bodyText: "Where are you?", parameters: { requestMessage: "Where are you?" },
  }));
await step("send product", () =>
  messages.sendInteractiveProduct({
    ...to, bodyText: "Our rye", catalogId: "600100200300601", productRetailerId: "RYE-1",
  }));
await step("send product list", () =>
  messages.sendInteractiveProductList({
    ...to, bodyText: "Our picks", header: { type: "text", text: "Shop" }, catalogId: "600100200300601",
    sections: [{ title: "Bread", productItems: [{ productRetailerId: "RYE-1" }] }],
  }));
await step("send catalog", () =>
  messages.sendInteractiveCatalogMessage({
    ...to, bodyText: "All we bake", parameters: { thumbnailProductRetailerId: "RYE-1" },
  }));
const card = (cardIndex) => ({
  cardIndex, bodyText: `Bread ${cardIndex}`,
  header: { type: "image", image: { link: `https://bakery.example/${cardIndex}.jpg` } },
  action: { displayText: "Buy", url: `https://bakery.example/${cardIndex}` },
});
await step("send carousel", () =>
  messages.sendInteractiveCarousel({ ...to, bodyText: "New in", cards: [card(0), card(1)] }));
await step("send address request", () =>
  messages.sendInteractiveAddress({
    ...to, bodyText: "Where to?", parameters: { country: "IN", values: { name: "Asha" } },
  }));
await step("send call permission request", () =>
  messages.sendInteractiveCallPermission({
    ...to, bodyText: "May we call?", parameters: { phoneNumber: account.customer },
  }));
await step("send message template", () =>
  messages.sendTemplate({
    ...to,
    template: {
      name: "order_update", language: { code: "en_US" },
      components: [{ type: "body", parameters: [{ type: "text", text: "Ana" }, { type: "text", text: "17" }] }],
    },
  }));
await step("send outside the window", () => messages.sendText({ phoneNumberId, to: "+447700900999", body: "Hello" }));
await step("send to a refused number", () =>
  messages.sendText({ phoneNumberId, to: "+12025559015", body: "Hello" }));
await step("send an unknown message template", () =>
  messages.sendTemplate({ ...to, template: { name: "never_made", language: { code: "en_US" } } }));
await step("mark read", () => messages.markRead({ phoneNumberId, messageId: inbound.id }));
await step("mark read and type", () =>
  messages.markRead({ phoneNumberId, messageId: inbound.id, typingIndicator: { type: "text" } }));

// Message templates
const made = await step("create message template", () =>
  templates.create({
    businessAccountId, name: "loaf_ready", language: "en_US", category: "UTILITY",
    components: [
      { type: "BODY", text: "Hello {{1}}, your loaf is ready to collect now.", example: { bodyText: [["Ana"]] } },
      { type: "BUTTONS", buttons: [{ type: "QUICK_REPLY", text: "Thanks" }] },
    ],
  }));
await step("list message templates", () => templates.list({ businessAccountId, limit: 2 }));
await step("find message template", () => templates.list({ businessAccountId, name: "loaf_ready" }));
await step("get message template", () => templates.get({ businessAccountId, templateId: made.id }));
await step("delete message template", () => templates.delete({ businessAccountId, name: "loaf_ready" }));

// Flows
const flowJson = {
  version: "7.1",
  screens: [{
    id: "ASK", title: "Breakfast", terminal: true,
    layout: {
      type: "SingleColumnLayout",
      children: [
        { type: "TextInput", name: "bread", label: "Which bread?", required: true },
        { type: "Footer", label: "Send", onClickAction: { name: "complete", payload: { bread: "${form.bread}" } } },
      ],
    },
  }],
};
const flow = await step("create flow", () =>
  flows.create({ wabaId: businessAccountId, name: "breakfast", categories: ["OTHER"], flowJson }));
await step("replace flow json", () => flows.updateAsset({ flowId: flow.id, json: flowJson }));
await step("replace flow json with a mistake", () =>
  flows.updateAsset({ flowId: flow.id, json: { version: "7.1", screens: [{ id: "ASK", title: "Breakfast" }] } }));
await step("restore flow json", () => flows.updateAsset({ flowId: flow.id, json: flowJson }));
await step("preview flow", () => flows.preview({ flowId: flow.id, interactive: true }));
await step("publish flow", () => flows.publish({ flowId: flow.id }));
await step("send flow", () =>
  messages.sendInteractiveFlow({
    ...to, bodyText: "Breakfast?",
    parameters: {
      flowId: flow.id, flowCta: "Choose", flowToken: "tok-1", flowAction: "navigate",
      flowActionPayload: { screen: "ASK" },
    },
  }));
await step("get flow", () => flows.get({ flowId: flow.id, fields: "id,name,status,categories" }));
await step("list flows", () => flows.list({ wabaId: businessAccountId }));
await step("deprecate flow", () => flows.deprecate({ flowId: flow.id }));

// The number
await step("update profile", () =>
  phoneNumbers.businessProfile.update({
    phoneNumberId, about: "Bread since 1921", email: "hello@bakery.example", vertical: "RETAIL",
    websites: ["https://bakery.example/"],
  }));
await step("get profile", () =>
  phoneNumbers.businessProfile.get({ phoneNumberId, fields: "about,email,vertical,websites" }));
await step("get settings", () => phoneNumbers.settings.get({ phoneNumberId }));
await step("delete media", () => media.delete({ mediaId: image.id, phoneNumberId }));
await step("media facts after deletion", () => media.get({ mediaId: image.id, phoneNumberId }));
await step("deregister", () => phoneNumbers.deregister({ phoneNumberId }));
await step("register", () => phoneNumbers.register({ phoneNumberId, pin: "123456" }));

await close(received);
