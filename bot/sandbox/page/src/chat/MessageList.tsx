import { useLayoutEffect, useMemo, useRef, useState, type ReactNode } from "react";
import type { ChatMessage } from "../state/types";
import { useUi } from "../state/ui";
import { slackDate } from "../blocks/SlackDate";
import { MessageItem } from "./MessageItem";
import { isShown } from "./reading";

interface Props {
  label: string;
  messages: readonly ChatMessage[];
  replies?: ReadonlyMap<string, readonly ChatMessage[]>;
  pins: readonly string[];
  inThread: boolean;
  before?: ReactNode;
}

const TOGETHER_S = 300;
const NEAR_END_PX = 120;
const NO_REPLIES: ReadonlyMap<string, readonly ChatMessage[]> = new Map();

/** Messages in time order under day lines; stays at the end when it was there. */
export function MessageList({ label, messages, replies = NO_REPLIES, pins, inThread, before }: Props) {
  const { me } = useUi();
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(
    () => messages.filter((message) => isShown(message, me.id) && !dismissed.has(message.ts)),
    [messages, me.id, dismissed],
  );
  const dismiss = useMemo(() => (ts: string) => setDismissed((all) => new Set([...all, ts])), []);
  const end = useStayAtEnd(shown.length);
  return (
    <div className="message-list" ref={end} role="log" aria-label={label} aria-live="polite" aria-relevant="additions" tabIndex={0}>
      {before}
      {shown.map((message, index) => {
        const previous = shown[index - 1];
        const answers = replies.get(message.ts)?.filter((each) => isShown(each, me.id)) ?? [];
        return (
          <div key={`${message.ts} ${message.ephemeral_for ?? ""}`}>
            {!inThread && day(message) !== (previous && day(previous)) && (
              <div className="day-line" role="separator">
                <span>{heading(message)}</span>
              </div>
            )}
            {inThread && index === 1 && (
              <div className="day-line replies-line" role="separator">
                <span>{shown.length === 2 ? "1 reply" : `${shown.length - 1} replies`}</span>
              </div>
            )}
            <MessageItem
              message={message}
              follows={!(inThread && index === 1) && follows(previous, message)}
              replies={answers.filter((each) => each.ephemeral_for === null).length}
              privateReplies={answers.filter((each) => each.ephemeral_for !== null).length}
              lastReply={answers.at(-1)?.ts}
              pinned={pins.includes(message.ts)}
              inThread={inThread}
              onDismiss={dismiss}
            />
          </div>
        );
      })}
    </div>
  );
}

function follows(previous: ChatMessage | undefined, message: ChatMessage): boolean {
  if (previous === undefined || previous.user !== message.user || previous.ephemeral_for !== null) return false;
  return Number(message.ts) - Number(previous.ts) < TOGETHER_S && day(previous) === day(message) && message.blocks.length === 0;
}

function day(message: ChatMessage): string {
  return new Date(Number(message.ts) * 1000).toDateString();
}

function heading(message: ChatMessage): string {
  const text = slackDate(Number(message.ts), "{date_long_pretty}");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Scrolls to the end when something comes and the reader was near it. */
function useStayAtEnd(count: number) {
  const ref = useRef<HTMLDivElement>(null);
  const near = useRef(true);
  useLayoutEffect(() => {
    const list = ref.current;
    if (list === null) return undefined;
    const note = () => {
      near.current = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END_PX;
    };
    const follow = new ResizeObserver(() => near.current && list.scrollTo(0, list.scrollHeight));
    list.addEventListener("scroll", note, { passive: true });
    for (const child of list.children) follow.observe(child);
    follow.observe(list);
    if (near.current) list.scrollTo(0, list.scrollHeight);
    return () => {
      list.removeEventListener("scroll", note);
      follow.disconnect();
    };
  }, [count]);
  return ref;
}
