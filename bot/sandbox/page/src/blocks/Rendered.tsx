import { memo, useMemo } from "react";
import { Message, type Block as LibraryBlock, type MessageProps } from "slack-blocks-to-jsx";
import { emojiFor } from "../parts/emoji";
import { usePart } from "../state/store";
import type { Block } from "../state/types";
import { useUi } from "../state/ui";
import { SlackDate } from "./SlackDate";

const SAFE_LINK = /^(https?:|mailto:|\/)/i;

/** Renders rich text, tables, markdown and what else nobody can press, with mentions, channels, groups and dates in the viewer's terms. */
export const Rendered = memo(function Rendered({ blocks }: { blocks: readonly Block[] }) {
  const users = usePart("users");
  const channels = usePart("channels");
  const usergroups = usePart("usergroups");
  const { theme, me } = useUi();
  // The renderer keeps the names that it was first given, so a change of names makes a new one.
  const names = useMemo(
    () => [...users, ...channels].map((each) => `${each.id}=${each.name}`).join(),
    [users, channels],
  );
  const data = useMemo<NonNullable<MessageProps["data"]>>(
    () => ({
      users: users.map(({ id, handle }) => ({ id, name: handle })),
      channels: channels.map(({ id, name }) => ({ id, name })),
      user_groups: (usergroups ?? []).map(({ id, handle }) => ({ id, name: handle })),
    }),
    [users, channels, usergroups],
  );
  const hooks = useMemo<NonNullable<MessageProps["hooks"]>>(
    () => ({
      user: ({ id, name }) => {
        const user = users.find((each) => each.id === id);
        return (
          <span className={id === me.id ? "mention mine" : "mention"} title={user?.name}>
            @{user?.handle ?? name ?? id}
          </span>
        );
      },
      channel: ({ id, name }) => <span className="mention">#{channels.find((each) => each.id === id)?.name ?? name}</span>,
      usergroup: ({ name }) => <span className="mention">@{name}</span>,
      atChannel: () => <span className="mention loud">@channel</span>,
      atHere: () => <span className="mention loud">@here</span>,
      atEveryone: () => <span className="mention loud">@everyone</span>,
      emoji: (emoji, parse) => emojiFor(emoji.name) ?? parse(emoji),
      date: ({ timestamp, format, link, fallback }) => (
        <SlackDate seconds={Number(timestamp)} format={format} link={link} fallback={fallback} />
      ),
      link: ({ href, children, className }) =>
        SAFE_LINK.test(href) ? (
          <a className={className} href={href} target="_blank" rel="noreferrer">
            {children}
          </a>
        ) : (
          <span>{children}</span>
        ),
    }),
    [users, channels, me.id],
  );
  const anonymous = blocks.map(({ block_id: _, ...block }) => block) as unknown as LibraryBlock[];
  return (
    <Message
      key={`${names} ${me.id} ${JSON.stringify(usergroups ?? [])}`}
      withoutWrapper
      name=""
      logo=""
      theme={theme}
      blocks={anonymous}
      data={data}
      hooks={hooks}
    />
  );
});
