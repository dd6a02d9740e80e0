import { useCallback, useEffect, useLayoutEffect, useRef, useState, type CSSProperties, type RefObject } from "react";

// Not `visibility: hidden`: what is hidden cannot take the focus.
const UNPLACED: CSSProperties = { opacity: 0 };
const GAP = 4;
const MARGIN = 8;

export interface Popover {
  open: boolean;
  setOpen: (open: boolean) => void;
  close: (refocus?: boolean) => void;
  anchor: RefObject<HTMLButtonElement | null>;
  panel: RefObject<HTMLDivElement | null>;
  style: CSSProperties;
}

/** Keeps a panel beside its button: below, or above where there is no room; outside clicks close it. */
export function usePopover(align: "start" | "end" = "start"): Popover {
  const [open, setOpen] = useState(false);
  const [style, setStyle] = useState<CSSProperties>(UNPLACED);
  const anchor = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);

  const close = useCallback((refocus = true) => {
    setOpen(false);
    if (refocus) anchor.current?.focus();
  }, []);

  useLayoutEffect(() => {
    if (!open) return undefined;
    const place = () => setStyle(placed(anchor.current, panel.current, align));
    place();
    const observer = new ResizeObserver(place);
    if (panel.current) observer.observe(panel.current);
    window.addEventListener("resize", place);
    return () => {
      observer.disconnect();
      window.removeEventListener("resize", place);
      setStyle(UNPLACED);
    };
  }, [open, align]);

  useEffect(() => {
    if (!open) return undefined;
    const outside = (event: Event) => {
      const target = event.target as Node;
      if (!panel.current?.contains(target) && !anchor.current?.contains(target)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("scroll", outside, true);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("scroll", outside, true);
    };
  }, [open]);

  return { open, setOpen, close, anchor, panel, style };
}

function placed(anchor: HTMLElement | null, panel: HTMLElement | null, align: "start" | "end"): CSSProperties {
  if (anchor === null || panel === null) return UNPLACED;
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const wanted = align === "start" ? box.left : box.right - width;
  const left = Math.max(MARGIN, Math.min(wanted, window.innerWidth - width - MARGIN));
  const below = box.bottom + GAP;
  const fits = below + height + MARGIN <= window.innerHeight;
  const top = fits ? below : Math.max(MARGIN, box.top - GAP - height);
  return { left, top, minWidth: Math.min(box.width, window.innerWidth - 2 * MARGIN) };
}
