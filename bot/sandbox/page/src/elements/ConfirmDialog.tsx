import { Text } from "../blocks/Text";
import { Dialog } from "../parts/Dialog";
import type { Confirm } from "../state/types";

interface Props {
  confirm: Confirm;
  onAccept: () => void;
  onDeny: () => void;
}

/** Asks before an action, in the bot's own words. */
export function ConfirmDialog({ confirm, onAccept, onDeny }: Props) {
  return (
    <Dialog className="dialog confirm" role="alertdialog" label={confirm.title.text} onEscape={onDeny}>
      <h2>{confirm.title.text}</h2>
      <div className="confirm-text">
        <Text text={confirm.text} />
      </div>
      <div className="dialog-actions">
        <button type="button" className="btn" data-testid="confirm-deny" data-autofocus onClick={onDeny}>
          {confirm.deny.text}
        </button>
        <button
          type="button"
          className={confirm.style === "danger" ? "btn danger solid" : "btn primary"}
          data-testid="confirm-accept"
          onClick={onAccept}
        >
          {confirm.confirm.text}
        </button>
      </div>
    </Dialog>
  );
}
