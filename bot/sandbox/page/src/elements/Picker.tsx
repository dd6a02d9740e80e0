import { useEffect, useId, useMemo, useState, type KeyboardEvent } from "react";
import { Icon } from "../parts/Icon";
import { usePopover } from "../parts/popover";

export interface Choice {
  value: string;
  text: string;
  description?: string | undefined;
}

export interface ChoiceGroup {
  label?: string;
  choices: Choice[];
}

interface Props {
  label: string;
  placeholder: string;
  groups: readonly ChoiceGroup[];
  selected: readonly Choice[];
  multi?: boolean;
  max?: number | undefined;
  minQuery?: number;
  load?: ((query: string) => Promise<ChoiceGroup[]>) | undefined;
  clearable?: boolean;
  busy?: boolean;
  describedBy?: string | undefined;
  onChange: (selected: Choice[]) => void;
}

const TYPING_PAUSE_MS = 150;

/** A select as Slack draws it: a button, and a list that narrows while one types. */
export function Picker(props: Props) {
  const { label, placeholder, groups, selected, multi = false, max, minQuery = 0, load, busy, onChange } = props;
  const { open, setOpen, close, anchor, panel, style } = usePopover();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const loaded = useLoaded(open, query, minQuery, load);
  const listId = useId();
  const shown = useMemo(() => (load ? (loaded ?? []) : narrowed(groups, query)), [load, loaded, groups, query]);
  const flat = useMemo(() => shown.flatMap((group) => group.choices), [shown]);
  const chosen = new Set(selected.map((choice) => choice.value));

  useEffect(() => setActive(0), [query, open]);
  useEffect(() => {
    if (!open) return setQuery("");
    return panel.current?.querySelector("input")?.focus();
  }, [open, panel]);
  useEffect(() => {
    panel.current?.querySelector("[data-active=true]")?.scrollIntoView({ block: "nearest" });
  }, [active, panel]);

  function pick(choice: Choice) {
    if (!multi) {
      close();
      return onChange([choice]);
    }
    if (chosen.has(choice.value)) return onChange(selected.filter((each) => each.value !== choice.value));
    return max !== undefined && selected.length >= max ? undefined : onChange([...selected, choice]);
  }

  function onKey(event: KeyboardEvent) {
    const choice = flat[active];
    if (event.key === "ArrowDown") setActive(Math.min(active + 1, flat.length - 1));
    else if (event.key === "ArrowUp") setActive(Math.max(active - 1, 0));
    else if (event.key === "Enter") choice && pick(choice);
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const text = selected.map((choice) => choice.text).join(", ");
  return (
    <span className="picker">
      <button
        ref={anchor}
        type="button"
        className="picker-button"
        aria-label={label}
        aria-description={text || "nothing chosen"}
        aria-describedby={props.describedBy}
        aria-haspopup="listbox"
        aria-expanded={open}
        data-busy={busy || undefined}
        disabled={busy}
        onClick={() => setOpen(!open)}
      >
        <span className={text ? "picker-text" : "picker-text faint"}>{text || placeholder}</span>
        <span aria-hidden="true" className="caret" />
      </button>
      {props.clearable && selected.length > 0 && (
        <button type="button" className="icon-btn clear" aria-label={`Clear ${label}`} onClick={() => onChange([])}>
          <Icon name="close" size={14} />
        </button>
      )}
      {open && (
        <div ref={panel} className="popover picker-panel" style={style} onKeyDown={onKey}>
          <input
            className="field"
            role="combobox"
            aria-label={`Search ${label}`}
            aria-expanded="true"
            aria-controls={listId}
            aria-activedescendant={flat[active] ? `${listId}-${active}` : undefined}
            placeholder="Search"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
          <div role="listbox" id={listId} aria-label={label} aria-multiselectable={multi} className="picker-list">
            {flat.length === 0 && <p className="popover-empty">{emptyText(query, minQuery, load, loaded)}</p>}
            {shown.map((group, index) => (
              <div key={group.label ?? index} role="group" aria-label={group.label}>
                {group.label && <p className="popover-heading">{group.label}</p>}
                {group.choices.map((choice) => {
                  const at = flat.indexOf(choice);
                  return (
                    <div
                      key={choice.value}
                      id={`${listId}-${at}`}
                      role="option"
                      aria-selected={chosen.has(choice.value)}
                      data-active={at === active}
                      className="picker-option"
                      onPointerMove={() => setActive(at)}
                      onClick={() => pick(choice)}
                    >
                      <span>{choice.text}</span>
                      {choice.description && <small>{choice.description}</small>}
                      {chosen.has(choice.value) && <span className="tick">✓</span>}
                    </div>
                  );
                })}
              </div>
            ))}
          </div>
        </div>
      )}
    </span>
  );
}

function narrowed(groups: readonly ChoiceGroup[], query: string): ChoiceGroup[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === "") return [...groups];
  return groups
    .map((group) => ({
      ...group,
      choices: group.choices.filter((choice) => choice.text.toLowerCase().includes(wanted)),
    }))
    .filter((group) => group.choices.length > 0);
}

function emptyText(query: string, minQuery: number, load: Props["load"], loaded: ChoiceGroup[] | null): string {
  if (!load) return "No results";
  if (query.length < minQuery) return `Type ${minQuery} or more letters`;
  return loaded === null ? "Loading…" : "No results";
}

/** Asks the bot for options a moment after the last key; an answer to an older query is dropped. */
function useLoaded(open: boolean, query: string, minQuery: number, load: Props["load"]): ChoiceGroup[] | null {
  const [loaded, setLoaded] = useState<ChoiceGroup[] | null>(null);
  useEffect(() => {
    setLoaded(null);
    if (!open || load === undefined || query.length < minQuery) return undefined;
    let stale = false;
    const timer = setTimeout(() => {
      void load(query).then((groups) => !stale && setLoaded(groups));
    }, TYPING_PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
    // `load` is a new function at each render; what it asks for depends on these alone.
  }, [open, query, minQuery, load === undefined]);
  return loaded;
}
