import type { KeyboardEvent } from "react";
import type { Element, FieldValue, Json } from "../state/types";

interface Props {
  element: Element;
  id?: string | undefined;
  label: string;
  value: FieldValue;
  describedBy?: string | undefined;
  invalid: boolean;
  onChange: (value: FieldValue) => void;
  onEnter?: (() => void) | undefined;
}

const INPUT_TYPE: Readonly<Record<string, string>> = {
  email_text_input: "email",
  url_text_input: "url",
  datepicker: "date",
  timepicker: "time",
  datetimepicker: "datetime-local",
};

/** Text, number, e-mail, address, rich text (as plain text), date and time fields. */
export function TextInput({ element, id, label, value, describedBy, invalid, onChange, onEnter }: Props) {
  const common = {
    id,
    className: "field",
    value: shown(element, value),
    placeholder: element.placeholder?.text,
    "aria-label": id ? undefined : label,
    "aria-describedby": describedBy,
    "aria-invalid": invalid,
    "data-autofocus": element.focus_on_load || undefined,
    onChange: (event: { target: { value: string } }) => onChange(stored(element, event.target.value)),
  };
  if (element.multiline || element.type === "rich_text_input") return <textarea {...common} rows={5} />;
  return (
    <input
      {...common}
      type={INPUT_TYPE[element.type] ?? "text"}
      inputMode={element.type === "number_input" ? "decimal" : undefined}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== "Enter" || onEnter === undefined) return;
        event.preventDefault();
        onEnter();
      }}
    />
  );
}

function shown(element: Element, value: FieldValue): string {
  switch (element.type) {
    case "datepicker":
      return text(value["selected_date"]);
    case "timepicker":
      return text(value["selected_time"]);
    case "datetimepicker":
      return typeof value["selected_date_time"] === "number" ? localDateTime(value["selected_date_time"]) : "";
    case "rich_text_input":
      return plainOf(value["rich_text_value"] ?? null);
    default:
      return text(value["value"]);
  }
}

function stored(element: Element, typed: string): FieldValue {
  const { type } = element;
  const held = typed === "" ? null : typed;
  switch (type) {
    case "datepicker":
      return { type, selected_date: held };
    case "timepicker":
      return { type, selected_time: held };
    case "datetimepicker":
      return { type, selected_date_time: held === null ? null : Math.floor(new Date(typed).getTime() / 1000) };
    case "rich_text_input":
      return { type, rich_text_value: held === null ? null : richOf(typed) };
    default:
      return { type, value: held };
  }
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function localDateTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function richOf(typed: string): Json {
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text: typed }] }] };
}

function plainOf(value: Json): string {
  if (Array.isArray(value)) return value.map(plainOf).join("");
  if (value === null || typeof value !== "object") return "";
  return typeof value["text"] === "string" ? value["text"] : plainOf(value["elements"] ?? null);
}
