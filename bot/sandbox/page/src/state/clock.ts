import { useEffect, useState } from "react";
import { currentState } from "./store";
import type { Clock } from "./types";

/** Returns the domain time in milliseconds: what incidents, deadlines and cards live by. */
export function domainNow(clock: Clock | undefined = currentState()?.clock): number {
  if (clock === undefined) return Date.now();
  return clock.domain_ms + (Date.now() - clock.real_ms) * clock.rate;
}

/** Re-renders the caller as domain time passes; `every` is in real milliseconds. */
export function useDomainNow(every = 1000): number {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), every);
    return () => clearInterval(timer);
  }, [every]);
  return domainNow();
}

/** Writes a span of milliseconds as `4:05` or `1:04:05`. */
export function countdown(ms: number): string {
  const total = Math.max(0, Math.ceil(ms / 1000));
  const seconds = String(total % 60).padStart(2, "0");
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** Writes a moment as hours, minutes and, if asked, seconds in the viewer's zone. */
export function timeOfDay(ms: number, seconds = false): string {
  return new Date(ms).toLocaleTimeString(undefined, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...(seconds ? { second: "2-digit" } : {}),
  });
}
