import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { act } from "./act";
import { currentState, useWorkspace } from "./store";
import type { Channel, User, WorkspaceState } from "./types";

export type Theme = "light" | "dark";
export type Place = { kind: "channel"; id: string } | { kind: "home" };
export type Column = "places" | "chat" | "wire";

export interface Ui {
  me: User;
  become: (id: string) => void;
  place: Place;
  thread: string | null;
  column: Column;
  theme: Theme;
  notice: string;
  openPlace: (place: Place) => void;
  openThread: (ts: string | null) => void;
  openPerson: (user: string) => Promise<void>;
  showColumn: (column: Column) => void;
  toggleTheme: () => void;
  say: (notice: string) => void;
}

const Context = createContext<Ui | null>(null);

/** Returns what this viewer has open: identity, place, thread, theme. */
export function useUi(): Ui {
  const ui = useContext(Context);
  if (ui === null) throw new Error("The page's state is only there inside UiProvider.");
  return ui;
}

export function UiProvider({ children }: { children: ReactNode }) {
  const state = useWorkspace();
  const [meId, setMeId] = useState(() => sessionStorage.getItem("muster.me"));
  const [place, setPlace] = useState<Place | null>(null);
  const [thread, setThread] = useState<string | null>(null);
  const [column, showColumn] = useState<Column>("chat");
  const [notice, say] = useState("");
  const [theme, toggleTheme] = useTheme();
  const me = identity(state, meId);
  const valid = validPlace(state, me, place);
  const validId = valid.kind === "channel" ? valid.id : null;
  const shown = useMemo<Place>(() => (validId === null ? { kind: "home" } : { kind: "channel", id: validId }), [validId]);

  const become = useCallback((id: string) => {
    sessionStorage.setItem("muster.me", id);
    setMeId(id);
  }, []);
  const openPlace = useCallback((next: Place) => {
    setPlace(next);
    setThread(null);
    showColumn("chat");
  }, []);
  useEffect(() => {
    const follow = () => {
      const [channel, ts] = location.hash.slice(1).split("/");
      const known = currentState();
      const target = channel ? known?.messages[channel]?.find((message) => message.ts === ts) : undefined;
      if (!channel || !known?.channels.some((each) => each.id === channel)) return;
      openPlace({ kind: "channel", id: channel });
      if (target) setThread(target.thread_ts ?? target.ts);
    };
    follow();
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, [openPlace]);
  const openPerson = useCallback(
    async (user: string) => {
      const state = currentState();
      const known = state ? directMessage(state, me.id, user) : undefined;
      if (known !== undefined) return openPlace({ kind: "channel", id: known.id });
      const answer = await act({ type: "open_im", as: me.id, user });
      if (!answer.ok) say(answer.error ?? "");
      else if (answer.channel !== undefined) openPlace({ kind: "channel", id: answer.channel });
    },
    [me.id, openPlace],
  );
  const ui = useMemo<Ui>(
    () => ({
      me, become, place: shown, thread, column, theme, notice,
      openPlace, openThread: setThread, openPerson, showColumn, toggleTheme, say,
    }),
    [me, become, shown, thread, column, theme, notice, openPlace, openPerson, toggleTheme],
  );
  return <Context value={ui}>{children}</Context>;
}

function identity(state: WorkspaceState, id: string | null): User {
  const people = state.users.filter((user) => !user.is_bot);
  const me =
    people.find((user) => user.id === id) ?? people.find((user) => user.handle === "oncall") ?? people[0];
  if (me === undefined) throw new Error("The workspace has no people.");
  return me;
}

function validPlace(state: WorkspaceState, me: User, place: Place | null): Place {
  if (place?.kind === "home") return place;
  const channel = place && state.channels.find((each) => each.id === place.id);
  if (place && channel && visibleTo(channel, me.id)) return place;
  const first = state.channels.find((each) => each.name === "incidents") ?? state.channels.find((each) => !each.is_im);
  return first ? { kind: "channel", id: first.id } : { kind: "home" };
}

/** Says whether a person sees a conversation in the list at all. */
export function visibleTo(channel: Channel, user: string): boolean {
  if (channel.is_im) return channel.members.includes(user) || channel.user === user;
  return !channel.is_private || channel.members.includes(user);
}

/** Finds the conversation of two people, or of a person and the bot. */
export function directMessage(state: WorkspaceState, me: string, other: string): Channel | undefined {
  return state.channels.find((channel) => {
    if (!channel.is_im) return false;
    const both = new Set(channel.user === null ? channel.members : [...channel.members, channel.user]);
    return both.has(me) && both.has(other);
  });
}

/** Names the other end of a direct conversation. */
export function otherEnd(channel: Channel, me: string): string | undefined {
  const others = [...channel.members, ...(channel.user === null ? [] : [channel.user])];
  return others.find((id) => id !== me);
}

function useTheme(): [Theme, () => void] {
  const system = useMemo(() => window.matchMedia("(prefers-color-scheme: dark)"), []);
  const [chosen, setChosen] = useState(() => localStorage.getItem("muster.theme") as Theme | null);
  const [dark, setDark] = useState(system.matches);
  useEffect(() => {
    const follow = (event: MediaQueryListEvent) => setDark(event.matches);
    system.addEventListener("change", follow);
    return () => system.removeEventListener("change", follow);
  }, [system]);
  const theme = chosen ?? (dark ? "dark" : "light");
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const toggle = useCallback(() => {
    const next = theme === "dark" ? "light" : "dark";
    localStorage.setItem("muster.theme", next);
    setChosen(next);
  }, [theme]);
  return [theme, toggle];
}

/** Finds the app that this workspace is for; Slackbot is not it. */
export function appBot(state: WorkspaceState): User | undefined {
  return state.users.find((user) => user.is_bot && user.id !== "USLACKBOT");
}
