import type { Block, Element, FieldValue, FormValues, Json, Option } from "../state/types";

/** Names the key under which Slack puts the value of each kind of input. */
export const VALUE_KEY: Readonly<Record<string, string>> = {
  plain_text_input: "value",
  email_text_input: "value",
  url_text_input: "value",
  number_input: "value",
  static_select: "selected_option",
  external_select: "selected_option",
  radio_buttons: "selected_option",
  users_select: "selected_user",
  channels_select: "selected_channel",
  conversations_select: "selected_conversation",
  multi_static_select: "selected_options",
  multi_external_select: "selected_options",
  checkboxes: "selected_options",
  multi_users_select: "selected_users",
  multi_channels_select: "selected_channels",
  multi_conversations_select: "selected_conversations",
  datepicker: "selected_date",
  timepicker: "selected_time",
  datetimepicker: "selected_date_time",
  rich_text_input: "rich_text_value",
  file_input: "files",
};

/** Returns the value that an element has before anybody touches it. */
export function initialValue(element: Element): FieldValue | null {
  const key = VALUE_KEY[element.type];
  if (key === undefined) return null;
  return { type: element.type, [key]: initialOf(element) };
}

function initialOf(element: Element): Json {
  switch (element.type) {
    case "static_select":
    case "external_select":
    case "radio_buttons":
      return asJson(element.initial_option ?? null);
    case "multi_static_select":
    case "multi_external_select":
    case "checkboxes":
      return asJson(element.initial_options ?? []);
    case "users_select":
      return element.initial_user ?? null;
    case "channels_select":
      return element.initial_channel ?? null;
    case "conversations_select":
      return element.initial_conversation ?? null;
    case "multi_users_select":
      return element.initial_users ?? [];
    case "multi_channels_select":
      return element.initial_channels ?? [];
    case "multi_conversations_select":
      return element.initial_conversations ?? [];
    case "datepicker":
      return element.initial_date ?? null;
    case "timepicker":
      return element.initial_time ?? null;
    case "datetimepicker":
      return element.initial_date_time ?? null;
    case "file_input":
      return [];
    default:
      return element.initial_value ?? null;
  }
}

/** Lets an option travel as plain JSON, which it is. */
export function asJson(value: Option | Option[] | null): Json {
  return value as unknown as Json;
}

export interface Placed {
  block: Block;
  blockId: string;
  element: Element;
}

/** Lists every element of the blocks with the block that it stands in, in reading order. */
export function placedElements(blocks: readonly Block[]): Placed[] {
  return blocks.flatMap((block, index) => {
    const blockId = blockIdOf(block, index);
    if (block.type === "input" && block.element) return [{ block, blockId, element: block.element }];
    if (block.type === "section" && block.accessory) return [{ block, blockId, element: block.accessory }];
    if (block.type === "container") return placedElements(block.child_blocks ?? []);
    if (block.type !== "actions") return [];
    return (block.elements ?? []).map((element) => ({ block, blockId, element }));
  });
}

/** Slack gives every block an id; where the server left it out, its place serves. */
export function blockIdOf(block: Block, index: number): string {
  return block.block_id ?? `b${index}`;
}

/** Merges what was typed over what the blocks say, for all inputs that are on screen. */
export function collectValues(blocks: readonly Block[], typed: FormValues): FormValues {
  const values: FormValues = {};
  for (const { blockId, element } of placedElements(blocks)) {
    const value = typed[blockId]?.[element.action_id ?? ""] ?? initialValue(element);
    if (value !== null && element.action_id !== undefined) (values[blockId] ??= {})[element.action_id] = value;
  }
  return values;
}

/** Says whether an input holds nothing. */
export function isEmpty(value: FieldValue | undefined): boolean {
  if (value === undefined) return true;
  const held = value[VALUE_KEY[value.type] ?? "value"];
  if (Array.isArray(held)) return held.length === 0;
  return held === null || held === undefined || (typeof held === "string" && held.trim() === "");
}
