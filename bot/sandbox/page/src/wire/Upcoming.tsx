import { countdown, timeOfDay, useDomainNow } from "../state/clock";
import { usePart } from "../state/store";
import type { Upcoming as Due, User } from "../state/types";

const LISTED = 8;
const SHORTEST_AXIS_MS = 5 * 60_000;

/** Escalations to come, on an axis from now on and as a list, with a countdown in simulated time. */
export function Upcoming() {
  const upcoming = usePart("upcoming");
  const users = usePart("users");
  const now = useDomainNow(250);
  return (
    <section className="upcoming" aria-label="Coming up">
      <header className="panel-head">
        <h2>Coming up</h2>
        <span className="faint">{upcoming.length === 0 ? "" : `${upcoming.length} pending`}</span>
      </header>
      {upcoming.length === 0 ? (
        <p className="popover-empty">No escalation is pending.</p>
      ) : (
        <>
          <Axis due={upcoming} now={now} />
          <ol className="due-list">
            {upcoming.slice(0, LISTED).map((due, index) => {
              const left = Date.parse(due.at) - now;
              return (
                <li key={due.key} className={index === 0 ? "due next" : "due"} data-testid="upcoming-row" data-key={due.key}>
                  <span className="due-left" role="timer">{left <= 0 ? "now" : countdown(left)}</span>
                  <span className="due-what">
                    <b>{due.what}</b>
                    <small>
                      {due.incident} at {timeOfDay(Date.parse(due.at))}
                      {due.who.length > 0 ? ` · ${due.who.map((who) => named(who, users)).join(", ")}` : " · nobody named"}
                    </small>
                  </span>
                </li>
              );
            })}
            {upcoming.length > LISTED && <li className="popover-empty">and {upcoming.length - LISTED} more</li>}
          </ol>
        </>
      )}
    </section>
  );
}

/** Says in words whom a step is for: a person, whoever is on call, a role of the incident, a channel. */
function named(who: string, users: readonly User[]): string {
  const [kind = "", name] = who.split(":");
  if (name === undefined) return `@${users.find((user) => user.id === who)?.handle ?? who}`;
  if (kind === "person") return `@${name}`;
  if (kind === "channel") return `#${name.replace(/^#/, "")}`;
  return kind === "oncall" ? `on call for ${name}` : name;
}

/** A line from now to the last thing due; what lies close together stays apart by its number. */
function Axis({ due, now }: { due: readonly Due[]; now: number }) {
  const last = Date.parse(due.at(-1)?.at ?? "");
  const span = Math.max(last - now, SHORTEST_AXIS_MS);
  const marks = tickEvery(span);
  return (
    <div className="axis" aria-hidden="true">
      <span className="axis-line" />
      {marks.map((ms) => (
        <span key={ms} className="axis-tick" style={{ left: `${(ms / span) * 100}%` }}>
          {ms === 0 ? "now" : `${ms / 60_000} min`}
        </span>
      ))}
      {due.slice(0, 24).map((each) => {
        const left = Math.min(1, Math.max(0, (Date.parse(each.at) - now) / span));
        return <span key={each.key} className="axis-dot" title={each.what} style={{ left: `${left * 100}%` }} />;
      })}
    </div>
  );
}

function tickEvery(span: number): number[] {
  const minutes = span / 60_000;
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480].find((each) => minutes / each <= 5) ?? 1440;
  const ticks: number[] = [];
  for (let at = 0; at <= minutes + 0.01; at += step) ticks.push(at * 60_000);
  return ticks;
}
