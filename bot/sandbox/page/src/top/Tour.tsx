import { useEffect, useState } from "react";
import { Icon } from "../parts/Icon";
import { useWorkspace } from "../state/store";
import { keepTour, useTour } from "../state/tour";
import { STEPS } from "./tourSteps";

/** What an empty workspace offers first. */
export function TourOffer() {
  const { workspace, service } = useWorkspace();
  const tour = useTour(workspace.id);
  if (tour.stage !== "offered") return null;
  return (
    <section className="tour-offer" data-testid="tour-offer" aria-label="Tour">
      <h3>See one incident whole, in two minutes</h3>
      <p>
        You break {service.name || "a service"}, its alert arrives here, and you take the incident from declare to resolve. Nothing real can
        break: everybody in this workspace but you is made up.
      </p>
      <div className="tour-actions">
        <button
          type="button"
          className="btn primary solid"
          data-testid="tour-start"
          onClick={() => keepTour({ ...tour, stage: "running" })}
        >
          Start the tour
        </button>
        <button type="button" className="btn" data-testid="tour-skip" onClick={() => keepTour({ ...tour, stage: "closed" })}>
          Not now
        </button>
      </div>
    </section>
  );
}

/** The walk through one incident; steps tick themselves off as they happen. */
export function Tour({ folds }: { folds: boolean }) {
  const state = useWorkspace();
  const tour = useTour(state.workspace.id);
  const [folded, setFolded] = useState(folds);
  const happened = STEPS.filter((step) => !tour.done.includes(step.key) && step.done(state)).map((step) => step.key);
  const news = happened.join();
  useEffect(() => {
    if (tour.stage === "running" && news !== "") keepTour({ ...tour, done: [...tour.done, ...news.split(",")] });
  }, [tour, news]);

  const untouched = Object.values(state.messages).every((list) => list.length === 0);
  if (tour.stage === "offered" && untouched) return null;
  if (tour.stage !== "running") {
    return (
      <button type="button" className="tour-again" data-testid="tour-again" onClick={() => keepTour({ ...tour, stage: "running", done: [] })}>
        Take the two-minute tour
      </button>
    );
  }
  const next = STEPS.find((step) => !tour.done.includes(step.key));
  return (
    <section className={folded ? "tour folded" : "tour"} data-testid="tour" aria-label="Tour">
      <header>
        <h2>{next ? `Tour · ${tour.done.length} of ${STEPS.length}` : "You have seen it whole"}</h2>
        <p className="tour-now">{next?.title}</p>
        <button type="button" className="icon-btn" aria-label={folded ? "Show steps" : "Hide steps"} aria-expanded={!folded} onClick={() => setFolded(!folded)}>
          <Icon name={folded ? "down" : "up"} />
        </button>
        <button type="button" className="icon-btn" data-testid="tour-close" aria-label="Close the tour" onClick={() => keepTour({ ...tour, stage: "closed" })}>
          <Icon name="close" />
        </button>
      </header>
      <ol>
        {STEPS.map((step) => {
          const done = tour.done.includes(step.key);
          return (
            <li key={step.key} data-testid={`tour-${step.key}`} data-done={done} className={step === next ? "now" : done ? "done" : ""}>
              <span className="tick" role="img" aria-label={done ? "done" : "to do"}>
                {done ? "✓" : ""}
              </span>
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
