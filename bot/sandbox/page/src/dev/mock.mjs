// Serves dist/ with a made-up workspace, to look at the page without a bot: `npm run mock -- 8390`. Development only.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BOT, form, state as fresh } from "./fixtures.mjs";

const dist = join(dirname(fileURLToPath(import.meta.url)), "../../dist");
const types = { html: "text/html", js: "text/javascript", css: "text/css" };
const empty = process.argv.includes("--empty");
const state = fresh();
if (empty) Object.assign(state, { messages: {}, wire: [], upcoming: [] });
if (empty) state.channels.forEach((channel) => Object.assign(channel, { pins: [], bookmarks: [] }));
const sockets = new Set();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function send(socket, frame) {
  const body = Buffer.from(JSON.stringify(frame));
  const head = body.length < 126 ? Buffer.from([0x81, body.length]) : body.length < 65536 ? Buffer.from([0x81, 126, body.length >> 8, body.length & 255]) : Buffer.alloc(10);
  if (body.length >= 65536) {
    head.set([0x81, 127]);
    head.writeBigUInt64BE(BigInt(body.length), 2);
  }
  socket.write(Buffer.concat([head, body]));
}
const put = (entity, value) => sockets.forEach((socket) => send(socket, { type: "put", entity, value }));

function say(channel, user, text, more = {}) {
  const ts = `${Math.floor(Date.now() / 1000)}.${String(process.hrtime()[1]).slice(0, 6).padStart(6, "0")}`;
  const message = { channel, ts, user, text, blocks: [], thread_ts: null, edited: false, ephemeral_for: null, files: [], reactions: [], deleted: false, ...more };
  (state.messages[channel] ??= []).push(message);
  put("message", message);
}

const acts = {
  message: (act) => say(act.channel, act.as, act.text.replace(/@(\w+)/g, (all, handle) => (state.users.find((user) => user.handle === handle) ? `<@${state.users.find((user) => user.handle === handle).id}>` : all)), { thread_ts: act.thread_ts ?? null }),
  command: (act) => {
    if (act.thread_ts) return { ok: false, error: "/incident is not supported in threads. Sorry! Use it in the channel, or mention @muster here." };
    if (/declare$/.test(act.text)) put("view", { user: act.as, stack: (state.views[act.as] = [form]) });
    else say(act.channel, BOT, `Took \`${act.text}\`.`, { ephemeral_for: act.as });
  },
  block_action: async (act) => {
    await pause(700);
    if (act.action.action_id === "incident.resolve") return { ok: false, error: "The bot did not ack within 3 s. Press again in a moment." };
    say(act.container.channel ?? "C0INCIDENT", BOT, `Took \`${JSON.stringify(act.action)}\``, { ephemeral_for: act.as });
  },
  view_submit: async (act) => {
    await pause(700);
    if (!/down/.test(act.state.values.title.v.value)) return { ok: false, errors: { title: "Say what is down." } };
    put("view", { user: act.as, stack: (state.views[act.as] = []) });
  },
  view_close: (act) => put("view", { user: act.as, stack: (state.views[act.as] = []) }),
  options: (act) => ({ ok: true, options: ["architect-api", "pyairtable", "pynomaly"].filter((name) => name.includes(act.query)).map((name) => ({ text: { type: "plain_text", text: name }, value: name })) }),
  shortcut: (act) => put("view", { user: act.as, stack: (state.views[act.as] = [form]) }),
  clock: (act) => put("clock", (state.clock = { ...state.clock, real_ms: Date.now(), domain_ms: state.clock.domain_ms + (Date.now() - state.clock.real_ms) * state.clock.rate, rate: act.rate })),
  service: (act) => put("service", (state.service = { ...state.service, healthy: act.do === "repair" })),
  fault: (act) => put("faults", (state.faults = { ...state.faults, [act.name]: { ...state.faults[act.name], ...act.params, on: act.on } })),
};

const server = createServer(async (request, response) => {
  if (request.method === "POST") {
    let body = "";
    for await (const chunk of request) body += chunk;
    const act = JSON.parse(body);
    const answer = (await acts[act.type]?.(act)) ?? { ok: true };
    response.setHeader("content-type", "application/json");
    return response.end(JSON.stringify(answer));
  }
  const name = request.url === "/" ? "index.html" : request.url.replace("/assets/", "");
  try {
    const content = await readFile(join(dist, name));
    response.setHeader("content-type", types[name.split(".").at(-1)] ?? "text/plain");
    return response.end(content);
  } catch {
    response.statusCode = 404;
    return response.end("not here");
  }
});
server.on("upgrade", (request, socket) => {
  const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket)).on("error", () => sockets.delete(socket));
  send(socket, { type: "snapshot", state });
});
const port = Number(process.argv.find((each) => /^\d+$/.test(each)) ?? 8390);
server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));
