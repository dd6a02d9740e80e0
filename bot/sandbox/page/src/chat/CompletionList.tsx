import { useEffect, useRef } from "react";
import type { Completion, Suggestion } from "./completion";

interface Props {
  id: string;
  completion: Completion;
  active: number;
  onHover: (index: number) => void;
  onPick: (suggestion: Suggestion) => void;
}

/** The list above the composer; the keyboard stays in the text. */
export function CompletionList({ id, completion, active, onHover, onPick }: Props) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div className="completion" ref={list} role="listbox" id={id} aria-label={completion.label}>
      <p className="popover-heading">
        {completion.label} <span>↑ ↓ to move · Tab or Enter to take · Esc to close</span>
      </p>
      {completion.suggestions.map((suggestion, index) => (
        <div
          key={suggestion.key}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          className="completion-option"
          onPointerMove={() => onHover(index)}
          onPointerDown={(event) => {
            event.preventDefault();
            onPick(suggestion);
          }}
        >
          <b>{suggestion.title}</b>
          {suggestion.usage && <code>{suggestion.usage}</code>}
          <small>{suggestion.hint}</small>
        </div>
      ))}
    </div>
  );
}
