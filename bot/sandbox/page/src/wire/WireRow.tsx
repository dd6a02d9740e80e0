import { memo, useState } from "react";
import { usePart } from "../state/store";
import { timeOfDay } from "../state/clock";
import type { Json, WireEntry } from "../state/types";

/** One exchange: which way, what, how long of the time allowed, and on request all of it. */
export const WireRow = memo(function WireRow({ entry }: { entry: WireEntry }) {
  const [open, setOpen] = useState(false);
  const toBot = entry.direction === "to_bot";
  const className = ["wire-row", toBot ? "to-bot" : "from-bot", entry.ok === false && "failed"].filter(Boolean).join(" ");
  return (
    <li className={className} data-testid="wire-row" data-kind={entry.kind} data-ok={entry.ok}>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="wire-line">
        <span className="wire-way" aria-hidden="true">{toBot ? "→" : "←"}</span>
        <span className="wire-main">
          <span className="wire-label">
            <span className="sr-only">{toBot ? "To the bot: " : "From the bot: "}</span>
            {entry.label || entry.kind}
            <Target entry={entry} />
          </span>
          <span className="wire-facts">{facts(entry)}</span>
          {entry.error && <span className="wire-error">{inWords(entry)}</span>}
        </span>
        <Timing entry={entry} />
      </summary>
      {open && (
        <div className="wire-detail">
          <Payload title={toBot ? "Request to the bot" : "Call by the bot"} value={entry.request} />
          <Payload title={`Response${entry.status === null ? "" : ` · ${entry.status}`}`} value={entry.response} />
        </div>
      )}
      </details>
    </li>
  );
});

/** Where a call by the bot went: a channel or a person by name. */
function Target({ entry }: { entry: WireEntry }) {
  const channels = usePart("channels");
  const users = usePart("users");
  const { request } = entry;
  if (entry.kind !== "api" || request === null || typeof request !== "object" || Array.isArray(request)) return null;
  const channel = channels.find((each) => each.id === request["channel"] || `#${each.name}` === request["channel"]);
  const handle = (id: unknown) => users.find((user) => user.id === id)?.handle;
  const person = handle(request["user"] ?? request["user_id"] ?? (channel?.is_im ? channel.user : null));
  const parts = [channel && !channel.is_im ? ` #${channel.name}` : "", person ? ` @${person}` : ""];
  return <>{parts.join("")}</>;
}

const WORDS: Readonly<Record<string, string>> = {
  connection_failed: "The bot could not be reached",
  timeout: "No ack within 3 s: Slack gives up here",
  operation_timeout: "No ack within 3 s: Slack gives up here",
  http_timeout: "No ack within 3 s: Slack gives up here",
  not_connected: "The bot holds no Socket Mode connection",
  ratelimited: "Rate limited: the bot has to wait as Retry-After says",
};

/** Says what went wrong, with Slack's own word where it has one. */
function inWords({ error, status, direction }: WireEntry): string {
  const code = error ?? "";
  if (code === "http_error") return `The bot answered ${status ?? "nothing"} instead of 200`;
  if (WORDS[code]) return `${WORDS[code]} (${code})`;
  return direction === "from_bot" && /^[a-z_]+$/.test(code) ? `Slack refused: ${code}` : code;
}

function facts(entry: WireEntry): string {
  const parts = [timeOfDay(Date.parse(entry.at), true)];
  if (entry.kind !== entry.label && entry.kind !== "api") parts.push(entry.kind.replace("event:", "event ").replaceAll("_", " "));
  parts.push(entry.transport === "socket" ? "Socket Mode" : entry.signed ? "signed" : "HTTP");
  if (entry.attempt > 1) parts.push(`try ${entry.attempt}`);
  if (entry.ok === false) parts.push(entry.status === null ? "failed" : `failed with ${entry.status}`);
  else if (entry.ok === null) parts.push("waiting");
  return parts.join(" · ");
}

/** Milliseconds; for what has a budget, with a bar that is full when the budget is used up. */
function Timing({ entry }: { entry: WireEntry }) {
  const { ms, budget_ms: budget } = entry;
  if (ms === null) return <span className="wire-ms">…</span>;
  const text = ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
  if (budget === null) return <span className="wire-ms">{text}</span>;
  const share = Math.min(1, ms / budget);
  const level = share >= 1 ? "late" : share > 0.5 ? "slow" : "fast";
  return (
    <span className="wire-ms" title={`acked after ${text} of ${budget / 1000} s`}>
      {text}
      <span className="bar" role="img" aria-label={`ack after ${text} of ${budget / 1000} seconds`}>
        <span className={level} style={{ width: `${Math.max(share * 100, 4)}%` }} />
      </span>
    </span>
  );
}

function Payload({ title, value }: { title: string; value: Json }) {
  return (
    <figure className="payload">
      <figcaption>{title}</figcaption>
      <pre tabIndex={0}>{typeof value === "string" ? value : JSON.stringify(value, null, 2)}</pre>
    </figure>
  );
}
