import type { ChatMessage, WorkspaceState } from "../state/types";
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
    done: (state) => said(state, /\backnowledged\b(?! for)(?! within)/i, /nobody has acknowledged|not acknowledged/i),
  },
  {
    key: "run",
    title: "Run the runbook",
    how: "Press Run runbook and follow it: the restart repairs the service.",
    done: (state) => said(state, /\brunbook ·/i) || (state.service.healthy && said(state, /\brestarted\b/i)),
  },
  {
    key: "update",
    title: "Post a status update",
    how: "Press Post update, say what is known, and send the form.",
    done: (state) => submitted(state, /update/i),
  },
  {
    key: "resolve",
    title: "Resolve",
    how: "Pending escalations vanish; the card tells how long it took.",
    done: (state) => said(state, /\bresolved\b/i, /unresolved|unless resolved|until resolved|if not resolved/i),
  },
];

/** Looks through what the bot has written for everybody to see. */
function said(state: WorkspaceState, wanted: RegExp, unwanted?: RegExp): boolean {
  const bot = appBot(state)?.id;
  return Object.values(state.messages)
    .flat()
    .filter((message) => message.user === bot && !message.deleted && message.ephemeral_for === null)
    .some((message) => lines(message).some((line) => wanted.test(line) && !unwanted?.test(line)));
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

function submitted(state: WorkspaceState, callback: RegExp): boolean {
  return state.wire.some(
    (entry) =>
      entry.kind === "view_submission" && entry.ok === true && callback.test(`${entry.label} ${JSON.stringify(entry.request)}`),
  );
}
