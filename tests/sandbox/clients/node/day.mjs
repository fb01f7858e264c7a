// One client's day: its steps and its webhook door, told to the test as JSON lines.
//
// The test writes two lines to stdin: the account, then (once the account's webhooks come here) the wamid of a
// message that a customer wrote. It closes stdin when nothing more will come.

import { createServer } from "node:http";
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function nextLine() {
  const { value, done } = await lines.next();
  return done ? null : JSON.parse(value);
}

function tell(line) {
  process.stdout.write(JSON.stringify(line) + "\n");
}

/** {url, phone_number_id, waba_id, access_token, app_secret, verify_token, customer, folder} */
export const account = await nextLine();

/** Serve `handler` (an Express app will do) on a free port, wait for the account's webhooks; its first message. */
export async function open(handler) {
  const server = createServer(handler);
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  server.unref();
  tell({ listening: `http://127.0.0.1:${server.address().port}/hook` });
  return await nextLine();
}

/** Run one step. A failure is told, not thrown: the steps after it still run. Answers what it saw. */
export async function step(name, work) {
  try {
    const saw = (await work()) ?? null;
    tell({ step: name, ok: true, saw });
    return saw;
  } catch (error) {
    tell({ step: name, ok: false, saw: { ...error, name: error.name, message: error.message } });
    return null;
  }
}

/** The steps are over: wait until the test has sent all it wants, then tell what came. */
export async function close(received) {
  tell({ step: "end", ok: true, saw: null });
  await nextLine();
  tell({ received });
  process.exit(0);
}

export function bodyOf(request) {
  return new Promise((resolve, reject) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => resolve(Buffer.concat(parts)));
    request.on("error", reject);
  });
}
