// A workspace in the middle of an incident, for looking at the page without a bot. Development only.
const now = Date.now();
const ts = (secondsAgo, n = 1) => `${Math.floor(now / 1000) - secondsAgo}.${String(n).padStart(6, "0")}`;
const iso = (seconds) => new Date(now + seconds * 1000).toISOString();
const mrkdwn = (text) => ({ type: "mrkdwn", text });
const plain = (text) => ({ type: "plain_text", text });
const button = (text, action_id, more = {}) => ({ type: "button", text: plain(text), action_id, value: "INC-42", ...more });
const when = (seconds, format = "{time}") => `<!date^${Math.floor(now / 1000) + seconds}^${format}|some time UTC>`;

export const BOT = "U0MUSTER01";
const people = [
  ["U0ONCALL01", "oncall", "Olivia On-Call", "On-call engineer"],
  ["U0LEAD0001", "lead", "Leo Lead", "Lead engineer"],
  ["U0MANAGER1", "manager", "Mara Manager", "Engineering manager"],
  ["U0DIRECTOR", "director", "Dana Director", "Director"],
  ["U0VICEPRES", "vp", "Vera Vice", "VP Engineering"],
  ["U0GUEST001", "guest", "Gus Guest", "Visitor"],
];
export const users = [
  ...people.map(([id, handle, name, title]) => ({ id, handle, name, title, is_bot: false, kind: handle === "guest" ? "guest" : "member" })),
  { id: BOT, handle: "muster", name: "Muster", title: "Incident bot", is_bot: true, kind: "bot" },
  { id: "USLACKBOT", handle: "slackbot", name: "Slackbot", title: "", is_bot: true, kind: "bot" },
];
const members = users.map((user) => user.id);
const channel = (id, name, more = {}) => ({
  id, name, is_private: false, is_im: false, user: null, members, topic: "", archived: false, bookmarks: [], pins: [], ...more,
});

const confirm = {
  title: plain("Restart architect-api?"),
  text: mrkdwn("Six pods of `deployment/architect-api` in *production* are restarted one after the other. Requests in flight finish."),
  confirm: plain("Restart"),
  deny: plain("Keep it"),
  style: "danger",
};

export const card = [
  { type: "header", block_id: "head", text: plain("P1 · INC-42 · API completely down") },
  { type: "section", block_id: "line", text: mrkdwn(`*architect-api*, production · Investigating · started ${when(-840, "{ago}")}`) },
  {
    type: "section",
    block_id: "facts",
    fields: [
      mrkdwn("*Commander*\n<@U0ONCALL01>"),
      mrkdwn("*Acknowledged*\nnobody yet"),
      mrkdwn(`*Next*\nDirector + VP Engineering at ${when(60)} unless resolved`),
      mrkdwn(`*Updates*\nnext due ${when(300)} (every 15 min), owner <@U0LEAD0001>`),
    ],
  },
  {
    type: "actions",
    block_id: "acts",
    elements: [
      button("Acknowledge", "incident.ack", { style: "primary" }),
      button("Run runbook", "incident.run"),
      button("Post update", "incident.update"),
      button("Escalate", "incident.escalate", { confirm: { ...confirm, title: plain("Escalate now?"), confirm: plain("Escalate"), style: undefined } }),
      button("Resolve", "incident.resolve"),
      { type: "overflow", action_id: "incident.more", options: [{ text: plain("Change severity"), value: "severity" }, { text: plain("Merge"), value: "merge" }] },
    ],
  },
  {
    type: "context",
    block_id: "foot",
    elements: [mrkdwn("Declared by <@U0ONCALL01> from alert `ApiDown` · <http://127.0.0.1/runbook|runbook> · <http://127.0.0.1/d|dashboard> · <#C0STATUS01>")],
  },
];

const run = [
  { type: "section", text: mrkdwn("*Runbook · API completely down*\nINC-42 · 3 of 6 · started by <@U0ONCALL01> " + when(-300)) },
  { type: "section", text: mrkdwn("✓ *Pods and restarts*   2 of 6 ready, `api-7c9f` restarted 14×   _1.2 s_\n✓ *Warning events*   OOMKilled ×9   _0.8 s_\n✓ *Logs of the worst pod*   12 lines · <http://127.0.0.1/log|full log>   _1.0 s_") },
  {
    type: "rich_text",
    elements: [
      { type: "rich_text_preformatted", elements: [{ type: "text", text: "10:04:11 ERROR pool exhausted (20/20)\n10:04:12 ERROR upstream timed out after 5000 ms\n10:04:13 FATAL out of memory: killed" }] },
      { type: "rich_text_list", style: "bullet", elements: [{ type: "rich_text_section", elements: [{ type: "text", text: "Crash after a deploy: roll back" }] }, { type: "rich_text_section", elements: [{ type: "text", text: "Wedged: restart", style: { bold: true } }] }] },
    ],
  },
  {
    type: "actions",
    elements: [
      button("Roll back to revision 41", "run.rollback", { confirm }),
      button("Rolling restart", "run.restart", { style: "danger", confirm }),
      { type: "static_select", action_id: "run.scale", placeholder: plain("Scale to"), options: ["10", "15", "20"].map((value) => ({ text: plain(`${value} replicas`), value })) },
      { type: "datepicker", action_id: "run.date" },
      { type: "users_select", action_id: "run.who", placeholder: plain("Hand to") },
    ],
  },
  { type: "context", elements: [mrkdwn("· *Healthy again?*   waits")] },
];

const table = [
  { type: "table", column_settings: [{ align: "left" }, { align: "right" }, { align: "right" }], rows: [["Pod", "Restarts", "Memory"], ["api-7c9f", "14", "512 MiB"], ["api-2b1d", "0", "301 MiB"]].map((row) => row.map((text) => ({ type: "raw_text", text }))) },
];
const message = (channelId, at, user, text, more = {}) => ({
  channel: channelId, ts: ts(at, more.n ?? 1), user, text, blocks: [], thread_ts: null, edited: false, ephemeral_for: null, files: [], reactions: [], deleted: false, ...more,
});
const root = ts(840);

export const form = {
  id: "V0DECLARE1", type: "modal", callback_id: "declare", title: plain("Declare an incident"), submit: plain("Declare"), close: plain("Cancel"),
  blocks: [
    { type: "input", block_id: "title", label: plain("What is broken?"), element: { type: "plain_text_input", action_id: "v", placeholder: plain("API down"), focus_on_load: true } },
    { type: "input", block_id: "severity", dispatch_action: true, label: plain("Severity"), hint: plain("P1 pages lead and manager at once"), element: { type: "static_select", action_id: "v", initial_option: { text: plain("P1"), value: "P1" }, options: ["P1", "P2", "P3"].map((value) => ({ text: plain(value), value })) } },
    { type: "input", block_id: "service", label: plain("Service"), element: { type: "external_select", action_id: "v", min_query_length: 0, placeholder: plain("Choose a service") } },
    { type: "input", block_id: "who", optional: true, label: plain("Invite"), element: { type: "multi_users_select", action_id: "v" } },
    { type: "input", block_id: "drill", optional: true, label: plain("Options"), element: { type: "checkboxes", action_id: "v", options: [{ text: mrkdwn("*Drill*"), value: "drill", description: plain("Pages nobody outside the drill") }, { text: plain("Private"), value: "private" }] } },
    { type: "input", block_id: "impact", label: plain("Customers"), element: { type: "radio_buttons", action_id: "v", options: ["All", "Some", "None"].map((value) => ({ text: plain(value), value })) } },
    { type: "input", block_id: "text", optional: true, label: plain("What is known"), element: { type: "plain_text_input", action_id: "v", multiline: true } },
    { type: "input", block_id: "eta", optional: true, label: plain("Expected to be mended"), element: { type: "datetimepicker", action_id: "v" } },
    { type: "context", elements: [mrkdwn("Declaring at P1 pages <@U0LEAD0001> and <@U0MANAGER1> at once.")] },
  ],
};

const wire = (id, at, direction, kind, label, ms, more = {}) => ({
  id, at: iso(-at), direction, transport: "http", kind, label, signed: direction === "to_bot", status: 200, ms, budget_ms: direction === "to_bot" ? 3000 : null, attempt: 1, ok: true, error: null,
  request: { example: label }, response: { ok: true }, ...more,
});

export function state() {
  return {
    workspace: { id: "T0LOCAL001", name: "Local workspace", simulated: true },
    users,
    channels: [
      channel("C0INCIDENT", "incidents", { topic: "Where incidents are declared and worked", pins: [root], bookmarks: [{ title: "Runbook", link: "http://127.0.0.1/runbook" }, { title: "Dashboard", link: "http://127.0.0.1/d" }] }),
      channel("C0GENERAL1", "general"),
      channel("C0STATUS01", "status-updates", { members: ["U0LEAD0001", BOT] }),
      channel("C0SECRET01", "security", { is_private: true, members: ["U0ONCALL01", BOT] }),
      channel("D0ONCALL01", "", { is_im: true, user: "U0ONCALL01", members: ["U0ONCALL01", BOT] }),
      channel("D0DIRECTOR", "", { is_im: true, user: "U0DIRECTOR", members: ["U0DIRECTOR", BOT] }),
    ],
    messages: {
      C0INCIDENT: [
        message("C0INCIDENT", 900, BOT, "Alert ApiDown is firing for architect-api. Declare an incident?", { blocks: [{ type: "section", text: mrkdwn("*ApiDown* is firing for `architect-api` &lt;production&gt;: health answers 503 since " + when(-905)) , accessory: button("Declare", "alert.declare", { style: "primary" }) }] }),
        message("C0INCIDENT", 870, "U0LEAD0001", "Seeing 503s too, <@U0ONCALL01> are you on it? :eyes:", { reactions: [{ name: "eyes", users: ["U0ONCALL01", "U0MANAGER1"] }] }),
        message("C0INCIDENT", 860, "U0LEAD0001", "`/health` has been red for a minute"),
        { ...message("C0INCIDENT", 840, BOT, "P1 INC-42 API completely down (architect-api)."), blocks: card },
        message("C0INCIDENT", 800, BOT, "10:02 Paged Leo Lead and Mara Manager (P1).", { thread_ts: root }),
        message("C0INCIDENT", 300, BOT, "Runbook · API completely down", { thread_ts: root, blocks: run }),
        message("C0INCIDENT", 120, BOT, "You can't restart architect-api in production: that needs responder of architect (rule \"write-architect\"). Ask <@U0ONCALL01> or <@U0LEAD0001>, both on call now.", { ephemeral_for: "U0ONCALL01" }),
        message("C0INCIDENT", 60, BOT, "Pods", { blocks: table, files: [{ id: "F1", name: "api-7c9f.log", mimetype: "text/plain", url: "/files/F1", size: 18230 }], edited: true }),
      ],
      D0DIRECTOR: [message("D0DIRECTOR", 30, BOT, "<@U0DIRECTOR> P1 INC-42 API completely down (architect-api). Unresolved after 15 min; on-call, lead and manager were told as well.")],
    },
    views: {},
    homes: { U0ONCALL01: { id: "V0HOME", type: "home", blocks: [{ type: "header", text: plain("Open incidents") }, { type: "section", text: mrkdwn("*P1 · INC-42* API completely down\n14 min · Investigating · commander <@U0ONCALL01>"), accessory: button("Open", "home.open") }, { type: "divider" }, { type: "section", text: mrkdwn("On call now: <@U0ONCALL01> (architect)") }] } },
    wire: [
      wire(1, 905, "to_bot", "webhook", "POST /webhooks/alertmanager ApiDown firing", 12.4, { budget_ms: null }),
      wire(2, 904, "from_bot", "api", "chat.postMessage #incidents", 3.2),
      wire(3, 840, "to_bot", "slash_command", "/incident declare P1 API completely down", 3.4),
      wire(4, 839, "from_bot", "api", "chat.postMessage #incidents", 4.1),
      wire(5, 838, "from_bot", "api", "pins.add", 2.0, { ok: false, status: 429, error: "429 rate limited: Retry-After 5 s" }),
      wire(6, 833, "from_bot", "api", "pins.add", 2.2, { attempt: 2 }),
      wire(7, 200, "to_bot", "block_actions", "Acknowledge on INC-42", 1840),
      wire(8, 100, "to_bot", "block_actions", "Rolling restart", 3120, { ok: false, status: null, error: "Acked after 3.1 s: Slack had given up at 3 s" }),
      wire(9, 20, "to_bot", "event:app_mention", "app_mention by @lead", 6.1, { transport: "socket", signed: false }),
    ],
    clock: { real_ms: Date.now(), domain_ms: Date.now(), rate: 1, version: 1 },
    service: { name: "architect-api", healthy: true, pid: 4711, url: "http://127.0.0.1:8400", since: iso(-3000) },
    bot: { running: true, ready: true, pid: 4712, restarts: 0, mode: "http" },
    faults: { rate_limit: { on: false, retry_after: 5, method: "*", count: 1 }, server_error: { on: false, method: "*", count: 1 }, delay: { on: false, ms: 4000, method: "*", count: 0 }, drop_after_store: { on: false, method: "chat.postMessage", count: 1 }, socket_disconnect: { on: false }, redeliver: { on: false } },
    upcoming: [
      { at: iso(60), incident: "INC-42", what: "Level 3: Director, VP Engineering", who: ["U0DIRECTOR", "U0VICEPRES"], key: "a" },
      { at: iso(300), incident: "INC-42", what: "Status update due", who: ["U0LEAD0001"], key: "b" },
      { at: iso(960), incident: "INC-42", what: "Level 4: declare outage, notify customers", who: ["U0MANAGER1"], key: "c" },
    ],
    commands: [
      { command: "/incident", subcommands: [["declare", "[SEVERITY] [TITLE…] [--service NAME]", "Declare an incident"], ["ack", "[INC-n]", "Acknowledge it: you have it"], ["status", "[STATUS]", "Show or set the status"], ["update", "", "Post a status update"], ["resolve", "", "It is over"], ["list", "", "Open incidents"], ["help", "", "What there is"]].map(([word, usage, hint]) => ({ word, usage, hint })) },
    ],
    shortcuts: { global: [{ callback_id: "declare", name: "Declare an incident" }], message: [{ callback_id: "timeline", name: "Add to timeline" }, { callback_id: "declare_from", name: "Declare incident from this message" }] },
  };
}
