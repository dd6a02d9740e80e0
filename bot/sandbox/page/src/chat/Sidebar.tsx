import { useState } from "react";
import { Avatar } from "../parts/Avatar";
import { Icon } from "../parts/Icon";
import { useWorkspace } from "../state/store";
import type { Channel, User } from "../state/types";
import { appBot, directMessage, useUi, visibleTo } from "../state/ui";
import type { Unread } from "./reading";

type UnreadOf = (user: string, channel: string) => Unread;
const FOLD_AFTER = 8;

/** Channels, people and the app: where one can go. */
export function Sidebar({ unreadOf, children }: { unreadOf: UnreadOf; children?: React.ReactNode }) {
  const state = useWorkspace();
  const { me, place, openPlace, openPerson } = useUi();
  const [all, setAll] = useState(false);
  const bot = appBot(state);
  const channels = state.channels
    .filter((channel) => !channel.is_im && visibleTo(channel, me.id))
    .sort((one, other) => Number(one.archived) - Number(other.archived) || rank(one) - rank(other) || one.name.localeCompare(other.name));
  const people = state.users.filter((user) => !user.is_bot && user.id !== me.id);
  const shownPeople = all ? people : people.slice(0, FOLD_AFTER);
  const botChannel = bot && directMessage(state, me.id, bot.id);

  function unreadWith(user: User): Unread {
    const channel = directMessage(state, me.id, user.id);
    return channel ? unreadOf(me.id, channel.id) : { count: 0, mentions: 0 };
  }

  return (
    <nav className="sidebar" aria-label="Channels and people">
      <div className="sidebar-scroll">
        <h2>Channels</h2>
        <ul>
          {channels.map((channel) => (
            <li key={channel.id}>
              <PlaceButton
                testid={`channel-${channel.name}`}
                current={place.kind === "channel" && place.id === channel.id}
                unread={unreadOf(me.id, channel.id)}
                label={channelLabel(channel)}
                faint={channel.archived || !channel.members.includes(me.id)}
                onClick={() => openPlace({ kind: "channel", id: channel.id })}
              >
                <span className="sign" aria-hidden="true">{channel.is_private ? <Icon name="lock" size={14} /> : "#"}</span>
                <span className="place-name">{channel.name}</span>
              </PlaceButton>
            </li>
          ))}
        </ul>
        {bot && (
          <>
            <h2>Apps</h2>
            <ul>
              <li>
                <PlaceButton
                  testid="app-home"
                  current={place.kind === "home" || (place.kind === "channel" && place.id === botChannel?.id)}
                  unread={unreadWith(bot)}
                  label={`${bot.name}, app`}
                  onClick={() => (unreadWith(bot).count > 0 ? void openPerson(bot.id) : openPlace({ kind: "home" }))}
                >
                  <Avatar user={bot} size={20} />
                  <span className="place-name">{bot.name}</span>
                  <span className={state.bot.ready ? "presence on" : "presence"} title={state.bot.ready ? "running" : "not running"} />
                </PlaceButton>
              </li>
            </ul>
          </>
        )}
        <h2>People</h2>
        <ul>
          {shownPeople.map((user) => (
            <li key={user.id}>
              <PlaceButton
                testid={`person-${user.handle}`}
                current={place.kind === "channel" && place.id === directMessage(state, me.id, user.id)?.id}
                unread={unreadWith(user)}
                label={`${user.name}, ${user.title}`}
                onClick={() => void openPerson(user.id)}
              >
                <Avatar user={user} size={20} />
                <span className="place-name">{user.name}</span>
                <small className="place-note">{user.kind === "guest" ? "guest" : `@${user.handle}`}</small>
              </PlaceButton>
            </li>
          ))}
          {people.length > FOLD_AFTER && (
            <li>
              <button type="button" className="place more" onClick={() => setAll(!all)}>
                {all ? "Show fewer" : `Show all ${people.length}`}
              </button>
            </li>
          )}
        </ul>
      </div>
      {children}
    </nav>
  );
}

/** The channel of the incidents comes first, as if everybody had starred it. */
function rank(channel: Channel): number {
  return channel.name === "incidents" ? 0 : 1;
}

function channelLabel(channel: Channel): string {
  return `${channel.is_private ? "private channel" : "channel"} ${channel.name}${channel.archived ? ", archived" : ""}`;
}

interface PlaceProps {
  testid: string;
  current: boolean;
  unread: Unread;
  label: string;
  faint?: boolean;
  onClick: () => void;
  children: React.ReactNode;
}

function PlaceButton({ testid, current, unread, label, faint = false, onClick, children }: PlaceProps) {
  const fresh = unread.count > 0 && !current;
  const spoken = fresh ? `${label}, ${unread.count} unread` : label;
  return (
    <button
      type="button"
      className={["place", fresh && "unread", faint && "faint-place"].filter(Boolean).join(" ")}
      data-testid={testid}
      aria-current={current ? "page" : undefined}
      aria-label={spoken}
      onClick={onClick}
    >
      {children}
      {fresh && unread.mentions > 0 && <span className="count">{unread.mentions}</span>}
    </button>
  );
}
