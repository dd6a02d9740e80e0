import { useSyncExternalStore } from "react";

const narrow = window.matchMedia("(max-width: 860px)");

/** Says whether the page is in its one-column layout; the width is that of phone.css. */
export function usePhone(): boolean {
  return useSyncExternalStore(
    (listener) => {
      narrow.addEventListener("change", listener);
      return () => narrow.removeEventListener("change", listener);
    },
    () => narrow.matches,
  );
}
