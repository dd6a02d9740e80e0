import type { Act } from "../state/act";
import { timeOfDay, useDomainNow } from "../state/clock";
import { usePart } from "../state/store";

const RATES = [1, 10, 60] as const;

/** The simulated time, how fast it runs, and a jump to whatever is due next. */
export function ClockControl({ run }: { run: (what: Act) => Promise<void> }) {
  const clock = usePart("clock");
  const upcoming = usePart("upcoming");
  return (
    <div className="control clock" role="group" aria-label="Simulated time">
      <DomainTime />
      <span className="rates" role="radiogroup" aria-label="Speed of simulated time">
        {RATES.map((rate) => (
          <button
            key={rate}
            type="button"
            role="radio"
            aria-checked={clock.rate === rate}
            data-testid={`clock-rate-${rate}`}
            onClick={() => void run({ type: "clock", rate })}
          >
            {rate}×
          </button>
        ))}
      </span>
      <button
        type="button"
        className="top-btn"
        data-testid="clock-skip"
        disabled={upcoming.length === 0}
        title={upcoming[0] ? `To ${upcoming[0].what} (${upcoming[0].incident})` : "Nothing is due"}
        onClick={() => void run({ type: "clock_skip" })}
      >
        Skip to next event
      </button>
    </div>
  );
}

function DomainTime() {
  const now = useDomainNow(200);
  return (
    <time className="domain-time" data-testid="domain-time" dateTime={new Date(now).toISOString()} title="Time in the simulated world">
      {timeOfDay(now, true)}
    </time>
  );
}
