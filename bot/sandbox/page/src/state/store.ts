import { useSyncExternalStore } from "react";
import type {
  Bot, Channel, ChatMessage, Clock, Faults, Service, Upcoming, User, View, WireEntry, WorkspaceState,
} from "./types";

const WIRE_KEPT = 400;

export interface Put {
  type: "put";
  entity: string;
  value: unknown;
}

export interface Remove {
  type: "remove";
  entity: string;
  id: unknown;
}

export type Frame = { type: "snapshot"; state: WorkspaceState } | Put | Remove;

export interface Live {
  state: WorkspaceState | null;
  connected: boolean;
}

let live: Live = { state: null, connected: false };
const listeners = new Set<() => void>();

function publish(next: Live): void {
  live = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Returns the newest state outside of rendering. */
export function currentState(): WorkspaceState | null {
  return live.state;
}

/** Re-renders the caller whenever the workspace or the connection changes. */
export function useLive(): Live {
  return useSyncExternalStore(subscribe, () => live);
}

/** Returns one part of the workspace; the caller renders again only when that part changes. */
export function usePart<Key extends keyof WorkspaceState>(key: Key): WorkspaceState[Key] {
  return useSyncExternalStore(subscribe, () => {
    if (live.state === null) throw new Error("The workspace has not arrived yet.");
    return live.state[key];
  });
}

/** Returns the workspace's state; only called below the gate that waits for the first snapshot. */
export function useWorkspace(): WorkspaceState {
  const { state } = useLive();
  if (state === null) throw new Error("The workspace has not arrived yet.");
  return state;
}

/** Notes whether the server can be reached; the last known state stays on the page. */
export function setConnected(connected: boolean): void {
  if (live.connected !== connected) publish({ ...live, connected });
}

/** Applies frames in the order in which they came, and renders once. */
export function applyFrames(frames: readonly Frame[]): void {
  let state = live.state;
  for (const frame of frames) {
    if (frame.type === "snapshot") state = normalised(frame.state);
    else if (state !== null) state = frame.type === "put" ? applied(state, frame) : removed(state, frame);
  }
  publish({ state, connected: true });
}

function normalised(state: WorkspaceState): WorkspaceState {
  const messages: Record<string, ChatMessage[]> = {};
  for (const [channel, list] of Object.entries(state.messages)) messages[channel] = [...list].sort(byTs);
  return { ...state, messages, wire: state.wire.slice(-WIRE_KEPT), upcoming: sortedUpcoming(state.upcoming) };
}

function applied(state: WorkspaceState, { entity, value }: Put): WorkspaceState {
  switch (entity) {
    case "user":
      return { ...state, users: upserted(state.users, value as User) };
    case "channel":
      return { ...state, channels: upserted(state.channels, value as Channel) };
    case "message":
      return withMessage(state, value as ChatMessage);
    case "view": {
      const { user, stack } = value as { user: string; stack: View[] };
      return { ...state, views: { ...state.views, [user]: stack } };
    }
    case "home": {
      const { user, view } = value as { user: string; view: View | null };
      return { ...state, homes: { ...state.homes, [user]: view } };
    }
    case "wire":
      return { ...state, wire: upserted(state.wire, value as WireEntry).slice(-WIRE_KEPT) };
    case "clock":
      return { ...state, clock: value as Clock };
    case "service":
      return { ...state, service: value as Service };
    case "bot":
      return { ...state, bot: value as Bot };
    case "faults":
      return { ...state, faults: value as Faults };
    case "upcoming":
      return { ...state, upcoming: sortedUpcoming(value as Upcoming[]) };
    case "commands":
      return { ...state, commands: value as WorkspaceState["commands"] };
    case "shortcuts":
      return { ...state, shortcuts: value as WorkspaceState["shortcuts"] };
    default:
      return state;
  }
}

function removed(state: WorkspaceState, { entity, id }: Remove): WorkspaceState {
  switch (entity) {
    case "user":
      return { ...state, users: state.users.filter((user) => user.id !== id) };
    case "channel":
      return { ...state, channels: state.channels.filter((channel) => channel.id !== id) };
    case "message":
      return withoutMessage(state, id);
    case "view":
      return { ...state, views: { ...state.views, [String(id)]: [] } };
    case "home":
      return { ...state, homes: { ...state.homes, [String(id)]: null } };
    case "wire":
      return { ...state, wire: state.wire.filter((entry) => entry.id !== id) };
    default:
      return state;
  }
}

/** A removed message is named by `{channel, ts}` or by both joined with a colon or a slash. */
function withoutMessage(state: WorkspaceState, id: unknown): WorkspaceState {
  const [channel, ts] =
    typeof id === "object" && id !== null
      ? [(id as ChatMessage).channel, (id as ChatMessage).ts]
      : String(id).split(/[:/]/);
  const list = channel === undefined ? undefined : state.messages[channel];
  if (channel === undefined || list === undefined) return state;
  return { ...state, messages: { ...state.messages, [channel]: list.filter((message) => message.ts !== ts) } };
}

function withMessage(state: WorkspaceState, message: ChatMessage): WorkspaceState {
  const list = state.messages[message.channel] ?? [];
  const at = list.findIndex((each) => each.ts === message.ts && each.ephemeral_for === message.ephemeral_for);
  const next = at < 0 ? [...list, message].sort(byTs) : list.with(at, message);
  return { ...state, messages: { ...state.messages, [message.channel]: next } };
}

function upserted<T extends { id: string | number }>(list: readonly T[], value: T): T[] {
  const at = list.findIndex((each) => each.id === value.id);
  return at < 0 ? [...list, value] : list.with(at, value);
}

function byTs(one: ChatMessage, other: ChatMessage): number {
  return Number(one.ts) - Number(other.ts);
}

function sortedUpcoming(list: readonly Upcoming[]): Upcoming[] {
  return [...list].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}
