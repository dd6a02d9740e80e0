import type { Block, Element, FieldValue, FormValues } from "../state/types";
import { collectValues, isEmpty, placedElements } from "./values";

/** Checks a form as Slack's client does before it sends it; returns block id → sentence. */
export function formErrors(blocks: readonly Block[], typed: FormValues): Record<string, string> {
  const values = collectValues(blocks, typed);
  const errors: Record<string, string> = {};
  for (const { block, blockId, element } of placedElements(blocks)) {
    if (block.type !== "input") continue;
    const value = values[blockId]?.[element.action_id ?? ""];
    const error = isEmpty(value) ? (block.optional ? null : "Please complete this required field.") : wrong(element, value);
    if (error !== null) errors[blockId] = error;
  }
  return errors;
}

function wrong(element: Element, value: FieldValue | undefined): string | null {
  const text = typeof value?.["value"] === "string" ? value["value"] : "";
  switch (element.type) {
    case "plain_text_input":
      return wrongLength(element, text);
    case "email_text_input":
      return /^[^\s@]+@[^\s@]+$/.test(text) ? null : "Please enter a valid email address.";
    case "url_text_input":
      return URL.canParse(text) ? null : "Please enter a valid URL.";
    case "number_input":
      return wrongNumber(element, text);
    default:
      return null;
  }
}

function wrongLength(element: Element, text: string): string | null {
  const { min_length: min = 0, max_length: max = 3000 } = element;
  if (text.length < min) return `Please enter at least ${min} characters; this has ${text.length}.`;
  if (text.length > max) return `Please enter at most ${max} characters; this has ${text.length}.`;
  return null;
}

function wrongNumber(element: Element, text: string): string | null {
  const number = Number(text);
  if (!Number.isFinite(number)) return "Please enter a number.";
  if (!element.is_decimal_allowed && !Number.isInteger(number)) return "Please enter a whole number.";
  if (element.min_value !== undefined && number < Number(element.min_value)) {
    return `Please enter ${element.min_value} or more.`;
  }
  if (element.max_value !== undefined && number > Number(element.max_value)) {
    return `Please enter ${element.max_value} or less.`;
  }
  return null;
}
