import type { ChatMessage, Json, WireEntry, WorkspaceState } from "../state/types";
import { appBot } from "../state/ui";

export interface Step {
  key: string;
  title: string;
  how: string;
  done: (state: WorkspaceState) => boolean;
}

/** The story in six steps; each knows from the workspace's state alone whether it has happened. */
export const STEPS: readonly Step[] = [
  {
    key: "break",
    title: "Break the service",
    how: "Press Break it in the bar above. Its alert reaches the bot by webhook.",
    done: (state) => !state.service.healthy || state.wire.some((entry) => entry.kind === "webhook"),
  },
  {
    key: "declare",
    title: "Press Declare in #incidents",
    how: "The bot offers it under the alert. Lead and manager are paged at once: it is a P1.",
    done: (state) => said(state, /\bINC-\d+/),
  },
  {
    key: "acknowledge",
    title: "Acknowledge",
    how: "On the card. Or wait: skip to the next event and see who is woken.",
    done: (state) => pressed(state, /^acknowledge$/i) || commanded(state, /^\S+ ack\b/),
  },
  {
    key: "run",
    title: "Run the runbook",
    how: "Press Run runbook and follow it: the restart repairs the service.",
    done: (state) => state.service.healthy && pressed(state, /runbook/i) && pressed(state, /restart|^run$/i),
  },
  {
    key: "update",
    title: "Post a status update",
    how: "Press Post update, say what is known, and send the form.",
    done: (state) => pressed(state, /^post update$/i) && submitted(state, /update/i),
  },
  {
    key: "resolve",
    title: "Resolve",
    how: "Pending escalations vanish; the card tells how long it took.",
    done: (state) => pressed(state, /^resolve$/i) || commanded(state, /^\S+ resolve\b/),
  },
];

/** Looks through what the bot has written for everybody to see. */
function said(state: WorkspaceState, wanted: RegExp): boolean {
  const bot = appBot(state)?.id;
  return Object.values(state.messages)
    .flat()
    .filter((message) => message.user === bot && !message.deleted && message.ephemeral_for === null)
    .some((message) => lines(message).some((line) => wanted.test(line)));
}

function lines(message: ChatMessage): string[] {
  const found: string[] = message.text.split("\n");
  const walk = (value: unknown, key = "") => {
    if (typeof value === "string") {
      if (key === "text") found.push(...value.split("\n"));
    } else if (Array.isArray(value)) value.forEach((each) => walk(each));
    else if (typeof value === "object" && value !== null) {
      const { type } = value as { type?: unknown };
      if (type === "button" || type === "overflow") return;
      Object.entries(value).forEach(([name, each]) => walk(each, name));
    }
  };
  walk(message.blocks);
  return found;
}

/** Looks for a button with such a label among what the bot has taken. */
function pressed(state: WorkspaceState, label: RegExp): boolean {
  return taken(state, "block_actions").some((entry) => texts(entry.request).some((text) => label.test(text)));
}

function commanded(state: WorkspaceState, line: RegExp): boolean {
  return taken(state, "slash_command").some((entry) => line.test(entry.label));
}

function taken(state: WorkspaceState, kind: string): WireEntry[] {
  return state.wire.filter((entry) => entry.kind === kind && entry.ok === true);
}

/** The texts of the actions in a payload, not those of the message that they stand in. */
function texts(request: Json): string[] {
  const actions = typeof request === "object" && request !== null && !Array.isArray(request) ? request["actions"] : null;
  if (!Array.isArray(actions)) return [];
  return actions.flatMap((action) => {
    const text = (action as { text?: { text?: unknown } } | null)?.text?.text;
    return typeof text === "string" ? [text] : [];
  });
}

function submitted(state: WorkspaceState, callback: RegExp): boolean {
  return taken(state, "view_submission").some((entry) => callback.test(`${entry.label} ${JSON.stringify(entry.request)}`));
}
