import { useId } from "react";
import { Text } from "../blocks/Text";
import type { Element, FieldValue, Option } from "../state/types";
import { asJson } from "./values";

interface Props {
  element: Element;
  label: string;
  value: FieldValue;
  disabled: boolean;
  onChange: (value: FieldValue) => void;
}

/** Checkboxes and radio buttons. */
export function Options({ element, label, value, disabled, onChange }: Props) {
  const name = useId();
  const many = element.type === "checkboxes";
  const held = many ? value["selected_options"] : value["selected_option"];
  const chosen = new Set((many ? (held as unknown as Option[]) : held ? [held as unknown as Option] : []).map((each) => each.value));

  function toggle(option: Option) {
    if (!many) return onChange({ type: element.type, selected_option: asJson(option) });
    const next = (element.options ?? []).filter((each) => chosen.has(each.value) !== (each.value === option.value));
    return onChange({ type: element.type, selected_options: asJson(next) });
  }

  return (
    <div role={many ? "group" : "radiogroup"} aria-label={label} className="options">
      {(element.options ?? []).map((option) => (
        <label key={option.value} className="option">
          <input
            type={many ? "checkbox" : "radio"}
            name={name}
            checked={chosen.has(option.value)}
            disabled={disabled}
            onChange={() => toggle(option)}
          />
          <span>
            <OptionText text={option.text} />
            {option.description && (
              <small>
                <OptionText text={option.description} />
              </small>
            )}
          </span>
        </label>
      ))}
    </div>
  );
}

function OptionText({ text }: { text: Option["text"] }) {
  return text.type === "mrkdwn" ? <Text text={text} /> : <>{text.text}</>;
}
