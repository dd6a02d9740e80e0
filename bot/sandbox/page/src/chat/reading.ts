import { useEffect, useMemo, useState } from "react";
import type { ChatMessage, WorkspaceState } from "../state/types";
import { visibleTo } from "../state/ui";

/** `identity channel` → ts of the newest message that this identity has seen on this page. */
type Seen = Record<string, string>;

export interface Unread {
  count: number;
  mentions: number;
}

const STORED = "muster.seen";

/** Keeps what each identity has read, so that a page to the director shows before one becomes the director. */
export function useReading(state: WorkspaceState, me: string, open: string | null): (user: string, channel: string) => Unread {
  const [seen, setSeen] = useState<Seen>(() => JSON.parse(sessionStorage.getItem(STORED) ?? "{}") as Seen);
  const newest = open === null ? undefined : state.messages[open]?.at(-1)?.ts;
  useEffect(() => {
    if (open === null || newest === undefined) return;
    setSeen((before) => {
      const next = { ...before, [`${me} ${open}`]: newest };
      sessionStorage.setItem(STORED, JSON.stringify(next));
      return next;
    });
  }, [me, open, newest]);
  return useMemo(
    () => (user, channel) => unread(state.messages[channel] ?? [], user, seen[`${user} ${channel}`] ?? "0", state, channel),
    [state, seen],
  );
}

function unread(list: readonly ChatMessage[], user: string, since: string, state: WorkspaceState, id: string): Unread {
  const channel = state.channels.find((each) => each.id === id);
  // A mark later than everything there was left by an earlier run of the workspace.
  const mark = Number(since) > Number(list.at(-1)?.ts ?? 0) ? 0 : Number(since);
  const fresh = list.filter(
    (message) => Number(message.ts) > mark && message.user !== user && isShown(message, user),
  );
  const direct = channel?.is_im ?? false;
  return { count: fresh.length, mentions: fresh.filter((message) => direct || mentions(message, user)).length };
}

/** Adds up what a person has not read in all conversations that they can see. */
export function totalMentions(state: WorkspaceState, user: string, of: (user: string, channel: string) => Unread): number {
  return state.channels
    .filter((channel) => visibleTo(channel, user))
    .reduce((sum, channel) => sum + of(user, channel.id).mentions, 0);
}

function mentions(message: ChatMessage, user: string): boolean {
  const mark = `<@${user}>`;
  return message.text.includes(mark) || JSON.stringify(message.blocks).includes(mark);
}

/** Says whether a message is there for this person at all. */
export function isShown(message: ChatMessage, user: string): boolean {
  return !message.deleted && (message.ephemeral_for === null || message.ephemeral_for === user);
}
