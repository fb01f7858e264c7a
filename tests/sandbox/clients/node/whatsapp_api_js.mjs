// whatsapp-api-js: fetch, an object per kind; the host is fixed, its `ponyfill.fetch` option lets it be changed.

import { WhatsAppAPI } from "whatsapp-api-js/middleware/node-http";
import * as kinds from "whatsapp-api-js/messages";
import { account, close, open, step } from "./day.mjs";

const api = new WhatsAppAPI({
  token: account.access_token,
  appSecret: account.app_secret,
  webhookVerifyToken: account.verify_token,
  v: "v23.0",
  ponyfill: {
    fetch: (url, options) => fetch(String(url).replace("https://graph.facebook.com", account.url), options),
  },
});
const number = account.phone_number_id;
const customer = { phone: account.customer };
const send = (message, ...more) => api.sendMessage(number, customer, message, ...more);
const received = { messages: [], statuses: [], refused: 0 };
api.on.message = ({ message, contact, recipient }) => {
  const { id, type } = message;
  const name = contact.profile?.name;
  const phone = recipient.phone;
  received.messages.push({ id, from: phone, user_id: recipient.bsuid, type, name, content: message[type] });
};
api.on.status = ({ id, status, phone, error, pricing, biz_opaque_callback_data }) => {
  received.statuses.push({ id, status, phone, error, pricing, biz_opaque_callback_data });
};

const inbound = await open(async (request, response) => {
  if (request.method === "GET") {
    response.end(api.handle_get(request));
    return;
  }
  response.statusCode = await api.handle_post(request);
  received.refused += response.statusCode === 401 ? 1 : 0;
  response.end();
});

// Media
async function upload(type, fileName) {
  const form = new FormData();
  form.set("file", new Blob([`bytes of ${fileName}`], { type }), fileName);
  return api.uploadMedia(number, form);
}
const image = await step("upload image", () => upload("image/jpeg", "loaf.jpg"));
const audio = await step("upload audio", () => upload("audio/ogg", "hello.ogg"));
const video = await step("upload video", () => upload("video/mp4", "oven.mp4"));
const paper = await step("upload document", () => upload("application/pdf", "menu.pdf"));
const sticker = await step("upload sticker", () => upload("image/webp", "bun.webp"));
const facts = await step("media facts", () => api.retrieveMedia(image.id, number));
await step("download media", async () => (await api.fetchMedia(facts.url)).text());

// Every kind of message
await step("send text", () =>
  send(new kinds.Text("Your loaf is ready: https://bakery.example/17 \u{1F35E}", true), inbound.id, "order=17"));
await step("send image", () => send(new kinds.Image(image.id, true, "Your loaf")));
await step("send image by link", () => send(new kinds.Image("https://bakery.example/loaf.jpg")));
await step("send audio", () => send(new kinds.Audio(audio.id, true, true)));
await step("send video", () => send(new kinds.Video(video.id, true, "The oven")));
await step("send document", () => send(new kinds.Document(paper.id, true, "The menu", "menu.pdf")));
await step("send sticker", () => send(new kinds.Sticker(sticker.id, true)));
await step("send location", () => send(new kinds.Location(-0.12, 51.5, "Harbour Lane", "1 Harbour Lane")));
await step("send contacts", () =>
  send(new kinds.Contacts([
    new kinds.Name("Ada Baker", "Ada"),
    new kinds.Phone("+447700900123", "WORK", "447700900123"),
    new kinds.Email("ada@bakery.example", "WORK"),
    new kinds.Organization("Harbour Lane"),
  ])));
await step("send reaction", () => send(new kinds.Reaction(inbound.id, "\u{1F35E}")));

const interactive = (action, text, header, footer) =>
  send(new kinds.Interactive(action, text && new kinds.Body(text), header, footer));
await step("send buttons", () =>
  interactive(
    new kinds.ActionButtons(new kinds.Button("yes", "Yes"), new kinds.Button("no", "No")),
    "Collect it today?", new kinds.Header(new kinds.Image(image.id, true)), new kinds.Footer("Harbour Lane"),
  ));
await step("send list", () =>
  interactive(
    new kinds.ActionList("Times", new kinds.ListSection("Today", new kinds.Row("t10", "10:00", "Half an hour"))),
    "When?", new kinds.Header("Slots"),
  ));
await step("send link button", () =>
  interactive(new kinds.ActionCTA("Open", "https://bakery.example/17"), "Track it"));
await step("send location request", () => interactive(new kinds.ActionLocation(), "Where are you?"));
await step("send call permission request", () =>
  interactive(new kinds.ActionCallPermission(), "May we call?"));
await step("send contact request", () => interactive(new kinds.ActionContactRequest(), "Your number, please"));
const rye = new kinds.CatalogProduct("RYE-1", "600100200300601");
await step("send product", () => interactive(new kinds.ActionProduct(rye), "Our rye"));
await step("send product list", () =>
  interactive(
    new kinds.ActionProductList("600100200300601", new kinds.ProductSection("Bread", new kinds.Product("RYE-1"))),
    "Our picks", new kinds.Header("Shop"),
  ));
await step("send catalog", () =>
  interactive(new kinds.ActionCatalog(new kinds.Product("RYE-1")), "All we bake"));
await step("send flow", () =>
  interactive(
    new kinds.ActionNavigateFlow("tok-1", account.flow_id, "Choose", "ASK", { bread: "rye" }), "Breakfast?",
  ));
await step("send message template", () =>
  send(new kinds.Template("order_update", "en_US", new kinds.BodyComponent(
    new kinds.BodyParameter("Ana"), new kinds.BodyParameter("17"),
  ))));
await step("send message template with buttons", () =>
  send(new kinds.Template("appointment_confirmation", "en_US",
    new kinds.BodyComponent(new kinds.BodyParameter("Ana"), new kinds.BodyParameter("Monday")),
    new kinds.PayloadComponent("confirm"), new kinds.PayloadComponent("move"), new kinds.PayloadComponent("cancel"),
  )));
await step("send to a user id", () =>
  api.sendMessage(number, { bsuid: account.user_id }, new kinds.Text("Hello, you")));
await step("send outside the window", () =>
  api.sendMessage(number, { phone: "+447700900999" }, new kinds.Text("Hello")));
await step("send to a refused number", () =>
  api.sendMessage(number, { phone: "+12025559015" }, new kinds.Text("Hello")));
await step("send an unknown message template", () => send(new kinds.Template("never_made", "en_US")));
await step("mark read", () => api.markAsRead(number, inbound.id));
await step("mark read and type", () => api.markAsRead(number, inbound.id, "text"));

// QR codes
await step("create QR code as the library would", () => api.createQR(number, "Hello bakery"));
const code = await step("create QR code", () => api.createQR(number, "Hello bakery", "PNG"));
await step("get QR code", () => api.retrieveQR(number, code.code));
await step("change QR code", () => api.updateQR(number, code.code, "Good morning"));
await step("list QR codes", () => api.retrieveQR(number));
await step("delete QR code", () => api.deleteQR(number, code.code));

// The block list
await step("block", () => api.blockUser(number, customer));
await step("unblock", () => api.unblockUser(number, customer));

await step("delete media", () => api.deleteMedia(image.id, number));
await step("media facts after deletion", () => api.retrieveMedia(image.id, number));

await close(received);
