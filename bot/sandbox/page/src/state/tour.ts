import { useSyncExternalStore } from "react";

/** How far this browser is with the tour of one workspace. */
export interface TourState {
  workspace: string;
  stage: "offered" | "running" | "closed";
  done: readonly string[];
}

const STORED = "muster.tour";
const listeners = new Set<() => void>();
let kept: TourState | null = JSON.parse(localStorage.getItem(STORED) ?? "null") as TourState | null;

/** Returns the tour of this workspace; a workspace that was never seen is offered one. */
export function useTour(workspace: string): TourState {
  const now = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => kept,
  );
  return now?.workspace === workspace ? now : { workspace, stage: "offered", done: [] };
}

/** Keeps a new state of the tour, in this browser only. */
export function keepTour(next: TourState): void {
  kept = next;
  localStorage.setItem(STORED, JSON.stringify(next));
  for (const listener of listeners) listener();
}
