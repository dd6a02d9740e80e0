import { useWorkspace } from "../state/store";
import type { Element, FieldValue, Json, Option, OptionGroup, WorkspaceState } from "../state/types";
import { useUi, visibleTo } from "../state/ui";
import { useHost } from "./host";
import { Picker, type Choice, type ChoiceGroup } from "./Picker";
import { VALUE_KEY } from "./values";

interface Props {
  element: Element;
  blockId: string;
  label: string;
  value: FieldValue;
  busy: boolean;
  clearable: boolean;
  describedBy?: string | undefined;
  onChange: (value: FieldValue) => void;
}

/** All ten select menus: static, external, users, channels, conversations; one or several. */
export function Select({ element, blockId, label, value, busy, clearable, describedBy, onChange }: Props) {
  const state = useWorkspace();
  const { me } = useUi();
  const host = useHost();
  const multi = element.type.startsWith("multi_");
  const kind = element.type.replace("multi_", "");
  const key = VALUE_KEY[element.type] ?? "value";
  const byOption = kind === "static_select" || kind === "external_select";
  const groups = byOption ? optionGroups(element.options, element.option_groups) : named(kind, state, me.id);
  const held = value[key];
  const heldList = (Array.isArray(held) ? held : held === null || held === undefined ? [] : [held]) as Json[];
  const selected = heldList.map((each) => (byOption ? asChoice(each as unknown as Option) : found(groups, String(each))));

  async function load(query: string): Promise<ChoiceGroup[]> {
    const answer = await host.options(blockId, element.action_id ?? "", query);
    return optionGroups(answer.options, answer.option_groups);
  }

  function change(choices: Choice[]) {
    const values = choices.map((choice) => (byOption ? asOption(choice) : choice.value)) as Json[];
    onChange({ type: element.type, [key]: multi ? values : (values[0] ?? null) });
  }

  return (
    <Picker
      label={label}
      placeholder={element.placeholder?.text ?? (multi ? "Choose" : "Choose one")}
      groups={groups}
      selected={selected}
      multi={multi}
      max={element.max_selected_items}
      minQuery={kind === "external_select" ? (element.min_query_length ?? 3) : 0}
      load={kind === "external_select" ? load : undefined}
      clearable={clearable && !multi}
      busy={busy}
      describedBy={describedBy}
      onChange={change}
    />
  );
}

function optionGroups(options?: Option[], groups?: OptionGroup[]): ChoiceGroup[] {
  if (groups && groups.length > 0) {
    return groups.map((group) => ({ label: group.label.text, choices: group.options.map(asChoice) }));
  }
  return [{ choices: (options ?? []).map(asChoice) }];
}

function asChoice(option: Option): Choice {
  return { value: option.value, text: option.text.text, description: option.description?.text };
}

function asOption(choice: Choice): Json {
  const option: Record<string, Json> = { text: { type: "plain_text", text: choice.text }, value: choice.value };
  if (choice.description) option["description"] = { type: "plain_text", text: choice.description };
  return option;
}

function named(kind: string, state: WorkspaceState, me: string): ChoiceGroup[] {
  const people = state.users.map((user) => ({ value: user.id, text: `@${user.handle}`, description: user.title }));
  const channels = state.channels
    .filter((channel) => !channel.is_im && !channel.archived && visibleTo(channel, me))
    .filter((channel) => kind !== "channels_select" || !channel.is_private)
    .map((channel) => ({ value: channel.id, text: `#${channel.name}` }));
  if (kind === "users_select") return [{ choices: people }];
  if (kind === "channels_select") return [{ choices: channels }];
  return [{ label: "Channels", choices: channels }, { label: "People", choices: people }];
}

function found(groups: readonly ChoiceGroup[], value: string): Choice {
  return groups.flatMap((group) => group.choices).find((choice) => choice.value === value) ?? { value, text: value };
}
