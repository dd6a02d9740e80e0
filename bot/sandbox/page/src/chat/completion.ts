import type { WorkspaceState } from "../state/types";

export interface Suggestion {
  key: string;
  /** What stands in place of the unfinished word. */
  insert: string;
  title: string;
  usage: string;
  hint: string;
}

export interface Completion {
  label: string;
  from: number;
  word: string;
  suggestions: Suggestion[];
}

const AT_WORD = /(^|\s)@([\w.-]*)$/;
const SHOWN = 14;

/** Says what could stand where the cursor is: commands, their subcommands, people. */
export function completionAt(text: string, caret: number, state: WorkspaceState): Completion | null {
  const before = text.slice(0, caret);
  return commandCompletion(before, state) ?? subcommandCompletion(before, state) ?? personCompletion(before, state);
}

function commandCompletion(before: string, { commands }: WorkspaceState): Completion | null {
  if (!/^\/\S*$/.test(before)) return null;
  const suggestions = commands
    .filter(({ command }) => command.startsWith(before.toLowerCase()))
    .map(({ command, subcommands }) => ({
      key: command,
      insert: `${command} `,
      title: command,
      usage: "",
      hint: subcommands.map(({ word }) => word).slice(0, 6).join(", "),
    }));
  return suggestions.length > 0 ? { label: "Commands", from: 0, word: before, suggestions } : null;
}

function subcommandCompletion(before: string, { commands }: WorkspaceState): Completion | null {
  const typed = /^(\/\S+)\s+(\S*)$/.exec(before);
  const command = commands.find((each) => each.command === typed?.[1]);
  const word = typed?.[2];
  if (command === undefined || word === undefined) return null;
  const suggestions = command.subcommands
    .filter((each) => each.word.startsWith(word.toLowerCase()))
    .map((each) => ({
      key: each.word,
      insert: `${each.word} `,
      title: each.word,
      usage: each.usage,
      hint: each.hint,
    }));
  const from = before.length - word.length;
  return suggestions.length > 0 ? { label: command.command, from, word, suggestions } : null;
}

function personCompletion(before: string, { users }: WorkspaceState): Completion | null {
  const typed = AT_WORD.exec(before);
  const word = typed?.[2];
  if (word === undefined) return null;
  const wanted = word.toLowerCase();
  const suggestions = users
    .filter(({ handle, name }) => handle.toLowerCase().startsWith(wanted) || name.toLowerCase().includes(wanted))
    .slice(0, SHOWN)
    .map(({ id, handle, name, title }) => ({ key: id, insert: `@${handle} `, title: `@${handle}`, usage: name, hint: title }));
  const from = before.length - word.length - 1;
  return suggestions.length > 0 ? { label: "People", from, word: `@${word}`, suggestions } : null;
}

/** Returns how the typed subcommand goes on, to be shown above the composer. */
export function usageOf(text: string, { commands }: WorkspaceState): { line: string; hint: string } | null {
  const typed = /^(\/\S+)\s+(\S+)\s/.exec(text);
  const command = commands.find((each) => each.command === typed?.[1]);
  const subcommand = command?.subcommands.find((each) => each.word === typed?.[2]);
  if (command === undefined || subcommand === undefined) return null;
  return { line: `${command.command} ${subcommand.word} ${subcommand.usage}`.trim(), hint: subcommand.hint };
}
