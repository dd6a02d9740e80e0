import { useEffect, useState } from "react";
import { useWorkspace } from "../state/store";
import { STEPS } from "./tourSteps";

const STORED = "muster.tour";

interface Kept {
  workspace: string;
  closed: boolean;
  started: boolean;
  done: string[];
}

/** A two-minute walk through one incident; steps tick themselves off as they happen. */
export function Tour() {
  const state = useWorkspace();
  const [kept, setKept] = useKept(state.workspace.id);
  const [folded, setFolded] = useState(false);
  const happened = STEPS.filter((step) => !kept.done.includes(step.key) && step.done(state)).map((step) => step.key);
  const news = happened.join();
  useEffect(() => {
    if (kept.started && news !== "") setKept({ ...kept, done: [...kept.done, ...news.split(",")] });
  }, [kept, news, setKept]);

  if (kept.closed) {
    return (
      <button type="button" className="tour-again" onClick={() => setKept({ ...kept, closed: false, started: true, done: [] })}>
        Take the tour
      </button>
    );
  }
  if (!kept.started) {
    return (
      <section className="tour" data-testid="tour" aria-label="Tour">
        <h2>New here?</h2>
        <p>See one incident from alert to resolution. It takes two minutes and nothing real can break.</p>
        <div className="tour-actions">
          <button type="button" className="btn primary solid" data-testid="tour-start" onClick={() => setKept({ ...kept, started: true })}>
            Start the tour
          </button>
          <button type="button" className="btn" data-testid="tour-close" onClick={() => setKept({ ...kept, closed: true })}>
            Not now
          </button>
        </div>
      </section>
    );
  }
  const next = STEPS.find((step) => !kept.done.includes(step.key));
  return (
    <section className={folded ? "tour folded" : "tour"} data-testid="tour" aria-label="Tour">
      <header>
        <h2>{next ? `Tour · ${kept.done.length} of ${STEPS.length}` : "Tour done"}</h2>
        <button type="button" className="icon-btn" aria-label={folded ? "Show steps" : "Hide steps"} aria-expanded={!folded} onClick={() => setFolded(!folded)}>
          {folded ? "▴" : "▾"}
        </button>
        <button type="button" className="icon-btn" data-testid="tour-close" aria-label="Close the tour" onClick={() => setKept({ ...kept, closed: true })}>
          ×
        </button>
      </header>
      <p className="tour-now">{next ? next.title : "You have seen an incident whole."}</p>
      <ol>
        {STEPS.map((step) => {
          const done = kept.done.includes(step.key);
          return (
            <li key={step.key} data-testid={`tour-${step.key}`} data-done={done} className={step === next ? "now" : done ? "done" : ""}>
              <span className="tick" role="img" aria-label={done ? "done" : "to do"}>{done ? "✓" : ""}</span>
              <span>
                {step.title}
                {step === next && <small>{step.how}</small>}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function useKept(workspace: string): [Kept, (kept: Kept) => void] {
  const fresh: Kept = { workspace, closed: false, started: false, done: [] };
  const [kept, setKept] = useState<Kept>(() => {
    const stored = JSON.parse(localStorage.getItem(STORED) ?? "null") as Kept | null;
    return stored?.workspace === workspace ? stored : fresh;
  });
  return [
    kept,
    (next) => {
      localStorage.setItem(STORED, JSON.stringify(next));
      setKept(next);
    },
  ];
}
