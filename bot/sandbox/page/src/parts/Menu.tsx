import { useEffect, type KeyboardEvent, type ReactNode } from "react";
import { usePopover } from "./popover";

export interface MenuItem {
  key: string;
  label: string;
  hint?: string | undefined;
  onPick: () => void;
}

interface Props {
  label: string;
  items: readonly MenuItem[];
  heading?: string;
  className?: string;
  align?: "start" | "end";
  disabled?: boolean;
  busy?: boolean;
  children: ReactNode;
}

/** A button with a list of things to do; arrows move, Enter picks, Escape closes. */
export function Menu({ label, items, heading, className = "icon-btn", align = "start", disabled, busy, children }: Props) {
  const popover = usePopover(align);
  const { open, setOpen, close, anchor, panel, style } = popover;

  useEffect(() => {
    if (open) panel.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
  }, [open, panel]);

  function move(event: KeyboardEvent) {
    const all = [...(panel.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (next !== undefined) all.at(next % all.length)?.focus();
    else if (event.key === "Escape") close();
    else if (event.key === "Tab") return setOpen(false);
    else return undefined;
    event.preventDefault();
    return event.stopPropagation();
  }

  return (
    <>
      <button
        ref={anchor}
        type="button"
        className={className}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        title={label}
        disabled={disabled}
        data-busy={busy || undefined}
        onClick={() => setOpen(!open)}
      >
        {children}
      </button>
      {open && (
        <div ref={panel} role="menu" aria-label={label} className="popover menu" style={style} onKeyDown={move}>
          {heading && <p className="popover-heading">{heading}</p>}
          {items.length === 0 && <p className="popover-empty">Nothing here yet</p>}
          {items.map((item) => (
            <button
              key={item.key}
              type="button"
              role="menuitem"
              tabIndex={-1}
              onClick={() => {
                close();
                item.onPick();
              }}
            >
              <span>{item.label}</span>
              {item.hint && <small>{item.hint}</small>}
            </button>
          ))}
        </div>
      )}
    </>
  );
}
