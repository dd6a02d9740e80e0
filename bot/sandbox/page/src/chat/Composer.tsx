import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import { Icon } from "../parts/Icon";
import { Menu } from "../parts/Menu";
import { act } from "../state/act";
import { useWorkspace } from "../state/store";
import type { Channel } from "../state/types";
import { useUi } from "../state/ui";
import { completionAt, usageOf, type Suggestion } from "./completion";
import { CompletionList } from "./CompletionList";

interface Props {
  channel: Channel;
  thread?: string;
  placeholder: string;
}

const drafts = new Map<string, string>();

/** Where a person writes: Enter sends, Shift+Enter breaks the line, `/` and `@` offer what can follow. */
export function Composer({ channel, thread, placeholder }: Props) {
  const state = useWorkspace();
  const { me } = useUi();
  const place = `${me.id} ${channel.id} ${thread ?? ""}`;
  const [text, setText] = useDraft(place);
  const [caret, setCaret] = useState(0);
  const [active, setActive] = useState(0);
  const [closed, setClosed] = useState(false);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState("");
  const box = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const completion = closed ? null : completionAt(text, caret, state);
  const usage = usageOf(text, state);

  function change(next: string, at: number) {
    setText(next);
    setCaret(at);
    setActive(0);
    setClosed(false);
    setError("");
  }

  function complete(suggestion: Suggestion) {
    if (completion === null) return;
    const head = text.slice(0, completion.from) + suggestion.insert;
    change(head + text.slice(caret).trimStart(), head.length);
    requestAnimationFrame(() => {
      box.current?.focus();
      box.current?.setSelectionRange(head.length, head.length);
    });
  }

  async function send() {
    const body = text.trim();
    if (body === "" || sending) return;
    setSending(true);
    const type = body.startsWith("/") ? "command" : "message";
    const where = thread === undefined ? {} : { thread_ts: thread };
    const answer = await act({ type, as: me.id, channel: channel.id, text: body, ...where });
    setSending(false);
    if (answer.ok) change("", 0);
    else setError(answer.error ?? "This was not sent.");
    box.current?.focus();
  }

  async function shortcut(callback_id: string) {
    const answer = await act({ type: "shortcut", as: me.id, callback_id, channel: channel.id });
    if (!answer.ok) setError(answer.error ?? "The shortcut was refused.");
  }

  function onKey(event: KeyboardEvent) {
    const count = completion?.suggestions.length ?? 0;
    const chosen = completion?.suggestions[active];
    const finished = chosen !== undefined && chosen.insert.trim() === completion?.word;
    if (completion !== null && event.key === "ArrowDown") setActive((active + 1) % count);
    else if (completion !== null && event.key === "ArrowUp") setActive((active + count - 1) % count);
    else if (completion !== null && event.key === "Escape") setClosed(true);
    else if (chosen && event.key === "Tab" && !event.shiftKey) complete(chosen);
    else if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      if (chosen && !finished) complete(chosen);
      else void send();
    } else return;
    event.preventDefault();
  }

  return (
    <div className="composer-place">
      {completion && (
        <CompletionList id={listId} completion={completion} active={active} onHover={setActive} onPick={complete} />
      )}
      {!completion && usage && (
        <p className="usage">
          <code>{usage.line}</code> <span>{usage.hint}</span>
        </p>
      )}
      <div className="composer">
        <Menu
          label="Shortcuts"
          className="icon-btn plus"
          heading="Shortcuts"
          items={state.shortcuts.global.map(({ callback_id, name }) => ({
            key: callback_id,
            label: name,
            hint: "Muster",
            onPick: () => void shortcut(callback_id),
          }))}
        >
          <Icon name="plus" size={18} />
        </Menu>
        <textarea
          ref={box}
          rows={1}
          role="combobox"
          data-testid={thread === undefined ? "composer" : "thread-composer"}
          aria-label={placeholder}
          aria-autocomplete="list"
          aria-expanded={completion !== null}
          aria-controls={completion ? listId : undefined}
          aria-activedescendant={completion ? `${listId}-${active}` : undefined}
          placeholder={placeholder}
          value={text}
          onChange={(event) => change(event.target.value, event.target.selectionStart)}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={onKey}
        />
        <button
          type="button"
          className="send"
          aria-label="Send"
          aria-busy={sending}
          disabled={text.trim() === "" || sending}
          onClick={() => void send()}
        >
          {sending ? <span className="spinner" aria-hidden="true" /> : <Icon name="send" />}
        </button>
      </div>
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

/** What was typed stays with its place and person, also while another is open. */
function useDraft(place: string): [string, (text: string) => void] {
  const [, rerender] = useState(0);
  const ref = useRef(place);
  useLayoutEffect(() => {
    ref.current = place;
  }, [place]);
  return [
    drafts.get(place) ?? "",
    (text) => {
      drafts.set(ref.current, text);
      rerender((count) => count + 1);
    },
  ];
}
