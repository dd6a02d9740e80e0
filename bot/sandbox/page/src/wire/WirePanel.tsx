import { useMemo, useState } from "react";
import { usePart } from "../state/store";
import type { WireEntry } from "../state/types";
import { Upcoming } from "./Upcoming";
import { WireRow } from "./WireRow";

type Filter = "all" | "to_bot" | "from_bot" | "failed";

const FILTERS: readonly { key: Filter; label: string }[] = [
  { key: "all", label: "All" },
  { key: "to_bot", label: "To the bot" },
  { key: "from_bot", label: "From the bot" },
  { key: "failed", label: "Failed" },
];
const SHOWN = 150;

/** What is due, and under it everything that goes over the wire between Slack and the bot. */
export function WirePanel() {
  const wire = usePart("wire");
  const [filter, setFilter] = useState<Filter>("all");
  const shown = useMemo(() => wire.filter((entry) => passes(entry, filter)).slice(-SHOWN).reverse(), [wire, filter]);
  return (
    <aside className="wire" aria-label="The wire">
      <Upcoming />
      <section className="wire-log" aria-label="Requests">
        <header className="panel-head">
          <h2>The wire</h2>
          <Slowest wire={wire} />
        </header>
        <div className="filters" role="radiogroup" aria-label="Which requests">
          {FILTERS.map(({ key, label }) => (
            <button key={key} type="button" role="radio" aria-checked={filter === key} onClick={() => setFilter(key)}>
              {label}
            </button>
          ))}
        </div>
        <ol className="wire-rows" tabIndex={0} aria-label="Requests, newest first">
          {shown.length === 0 && <li className="popover-empty">{emptySentence(filter)}</li>}
          {shown.map((entry) => (
            <WireRow key={entry.id} entry={entry} />
          ))}
        </ol>
      </section>
    </aside>
  );
}

function passes(entry: WireEntry, filter: Filter): boolean {
  if (filter === "all") return true;
  return filter === "failed" ? entry.ok === false : entry.direction === filter;
}

function emptySentence(filter: Filter): string {
  if (filter === "failed") return "Nothing has failed.";
  return "Nothing yet. What the workspace sends to the bot, and what the bot calls, shows up here.";
}

/** The number that matters: how long the slowest ack took of the three seconds that Slack gives. */
function Slowest({ wire }: { wire: readonly WireEntry[] }) {
  const acks = wire.filter((entry) => entry.direction === "to_bot" && entry.budget_ms !== null && entry.ms !== null);
  if (acks.length === 0) return null;
  const slowest = Math.max(...acks.map((entry) => entry.ms ?? 0));
  return <span className="faint">slowest ack {slowest < 10 ? slowest.toFixed(1) : Math.round(slowest)} ms of 3 s</span>;
}
