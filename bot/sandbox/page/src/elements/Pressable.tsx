import { Menu } from "../parts/Menu";
import type { Element, FieldValue } from "../state/types";
import { useHost } from "./host";
import { asJson } from "./values";

interface Props {
  element: Element;
  blockId: string;
}

/** A button: spinner until the bot has acked, then as before. */
export function ButtonElement({ element, blockId }: Props) {
  const host = useHost();
  const key = `${blockId} ${element.action_id ?? ""} ${element.value ?? ""}`;
  const busy = host.busy === key;
  const text = element.text?.text ?? element.accessibility_label ?? "";
  const className = ["btn", element.style ?? "", busy ? "busy" : ""].join(" ").trim();

  function press() {
    if (busy) return;
    if (element.url) window.open(element.url, "_blank", "noreferrer");
    host.dispatch(pressed(element, blockId), key, element.confirm);
  }

  return (
    <button
      type="button"
      className={className}
      aria-description={element.accessibility_label}
      aria-busy={busy}
      disabled={busy}
      data-action-id={element.action_id}
      onClick={press}
    >
      <span className="btn-text">{text}</span>
      {element.url && <span aria-hidden="true"> ↗</span>}
      {busy && <span className="spinner" aria-hidden="true" />}
    </button>
  );
}

function pressed(element: Element, blockId: string): FieldValue {
  const action: FieldValue = { type: element.type, block_id: blockId, action_id: element.action_id ?? "" };
  if (element.text) action["text"] = { ...element.text };
  if (element.value !== undefined) action["value"] = element.value;
  return action;
}

/** The menu behind three dots. */
export function OverflowElement({ element, blockId }: Props) {
  const host = useHost();
  const key = `${blockId} ${element.action_id ?? ""}`;
  return (
    <Menu
      label={element.accessibility_label ?? "More actions"}
      className="btn overflow"
      align="end"
      disabled={host.busy === key}
      busy={host.busy === key}
      items={(element.options ?? []).map((option) => ({
        key: option.value,
        label: option.text.text,
        hint: option.description?.text,
        onPick: () => {
          if (option.url) window.open(option.url, "_blank", "noreferrer");
          host.dispatch(
            { type: "overflow", block_id: blockId, action_id: element.action_id ?? "", selected_option: asJson(option) },
            key,
            element.confirm,
          );
        },
      }))}
    >
      <span aria-hidden="true">•••</span>
    </Menu>
  );
}
