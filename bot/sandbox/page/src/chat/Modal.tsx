import { useCallback, useState } from "react";
import { Blocks } from "../blocks/Blocks";
import { BlockHost } from "../elements/host";
import { formErrors } from "../elements/validate";
import { collectValues } from "../elements/values";
import { Dialog } from "../parts/Dialog";
import { Icon } from "../parts/Icon";
import { act } from "../state/act";
import { usePart } from "../state/store";
import type { FormValues, View } from "../state/types";
import { useUi } from "../state/ui";

/** The modal that the bot opened for this person, if any: the top of their stack. */
export function ModalLayer() {
  const views = usePart("views");
  const { me } = useUi();
  const stack = views[me.id] ?? [];
  const top = stack.at(-1);
  return top ? <Modal key={`${me.id} ${top.id}`} view={top} depth={stack.length} /> : null;
}

function Modal({ view, depth }: { view: View; depth: number }) {
  const { me } = useUi();
  const [typed, setTyped] = useState<FormValues>({});
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [refusal, setRefusal] = useState("");
  const [sending, setSending] = useState(false);
  const title = view.title?.text ?? "";
  const onType = useCallback((change: (before: FormValues) => FormValues, blockId: string) => {
    setTyped(change);
    setErrors(({ [blockId]: _, ...others }) => others);
  }, []);

  async function close() {
    const answer = await act({ type: "view_close", as: me.id, view_id: view.id });
    if (!answer.ok) setRefusal(answer.error ?? "");
  }

  async function submit() {
    if (sending) return;
    const wrong = formErrors(view.blocks, typed);
    setErrors(wrong);
    setRefusal("");
    if (Object.keys(wrong).length > 0) return;
    setSending(true);
    const values = collectValues(view.blocks, typed);
    const answer = await act({ type: "view_submit", as: me.id, view_id: view.id, state: { values } });
    setSending(false);
    if (answer.errors) setErrors(answer.errors);
    else if (!answer.ok) setRefusal(answer.error ?? "The form was not taken.");
  }

  return (
    <Dialog className="dialog modal" label={title} testid="modal" onEscape={() => void close()}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <header className="modal-head">
          <h2>{title}</h2>
          <button
            type="button"
            className="icon-btn"
            aria-label={depth > 1 ? "Back to the form below" : "Close form"}
            onClick={() => void close()}
          >
            <Icon name={depth > 1 ? "back" : "close"} />
          </button>
        </header>
        <div className="modal-body" tabIndex={-1}>
          <BlockHost
            container={{ type: "view", view_id: view.id }}
            blocks={view.blocks}
            me={me.id}
            typed={typed}
            onType={onType}
            errors={errors}
          >
            <Blocks blocks={view.blocks} />
          </BlockHost>
        </div>
        {refusal && (
          <p className="field-error modal-refusal" role="alert">
            {refusal}
          </p>
        )}
        <footer className="dialog-actions">
          <button type="button" className="btn" onClick={() => void close()}>
            {view.close?.text ?? "Close"}
          </button>
          {view.submit && (
            <button
              type="submit"
              className={sending ? "btn primary solid busy" : "btn primary solid"}
              data-testid="modal-submit"
              aria-busy={sending}
              disabled={sending || view.submit_disabled}
            >
              <span className="btn-text">{view.submit.text}</span>
              {sending && <span className="spinner" aria-hidden="true" />}
            </button>
          )}
        </footer>
      </form>
    </Dialog>
  );
}
