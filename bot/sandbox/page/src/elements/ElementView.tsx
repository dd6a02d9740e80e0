import type { Element, FieldValue } from "../state/types";
import { useHost } from "./host";
import { Options } from "./Options";
import { ButtonElement, OverflowElement } from "./Pressable";
import { Select } from "./Select";
import { TextInput } from "./TextInput";
import { initialValue } from "./values";

interface Props {
  element: Element;
  blockId: string;
  label?: string | undefined;
  /** In an input block a change is only kept; elsewhere, and with `dispatch_action`, it is sent. */
  sends?: boolean;
  inInput?: boolean;
  optional?: boolean;
  fieldId?: string | undefined;
  describedBy?: string | undefined;
}

/** Draws any one Block Kit element and wires it to its surface. */
export function ElementView(props: Props) {
  const { element, blockId, sends = true, inInput = false, optional = false, fieldId, describedBy } = props;
  const host = useHost();
  const actionId = element.action_id ?? "";
  const key = `${blockId} ${actionId}`;
  const value = host.typed[blockId]?.[actionId] ?? initialValue(element);
  const label = props.label ?? element.accessibility_label ?? element.placeholder?.text ?? actionId;

  if (element.type === "button" || element.type === "workflow_button") return <ButtonElement element={element} blockId={blockId} />;
  if (element.type === "overflow") return <OverflowElement element={element} blockId={blockId} />;
  if (element.type === "image") return <img className="thumb" src={element.image_url} alt={element.alt_text ?? ""} />;
  if (value === null) return <span className="faint">This element is not shown here: {element.type}</span>;

  function send(next: FieldValue) {
    host.dispatch({ ...next, block_id: blockId, action_id: actionId }, key, element.confirm);
  }
  function change(next: FieldValue) {
    host.set(blockId, actionId, next);
    if (sends && !isTyped(element)) send(next);
    else if (sends && element.dispatch_action_config?.trigger_actions_on?.includes("on_character_entered")) send(next);
  }
  const busy = host.busy === key;
  if (element.type.endsWith("_select")) {
    return (
      <Select
        element={element} blockId={blockId} label={label} value={value} busy={busy}
        clearable={inInput && optional} describedBy={describedBy} onChange={change}
      />
    );
  }
  if (element.type === "checkboxes" || element.type === "radio_buttons") {
    return <Options element={element} label={label} value={value} disabled={busy} onChange={change} />;
  }
  if (element.type === "file_input") return <p className="faint">Files cannot be added in the simulated workspace.</p>;
  return (
    <TextInput
      element={element} id={fieldId} label={label} value={value} describedBy={describedBy}
      invalid={host.errors[blockId] !== undefined} onChange={change}
      onEnter={sends && isTyped(element) ? () => send(value) : undefined}
    />
  );
}

/** Text is sent on Enter, everything else when it changes. */
function isTyped(element: Element): boolean {
  return element.type.endsWith("_input");
}
