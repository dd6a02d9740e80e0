import { memo, useState } from "react";
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
          </span>
          <span className="wire-facts">{facts(entry)}</span>
          {entry.error && <span className="wire-error">{entry.error}</span>}
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
