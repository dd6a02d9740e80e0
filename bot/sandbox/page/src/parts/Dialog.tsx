import { useEffect, useRef, type KeyboardEvent, type ReactNode } from "react";

interface Props {
  label: string;
  className: string;
  role?: "dialog" | "alertdialog";
  testid?: string;
  onEscape: () => void;
  children: ReactNode;
}

const FIRST_FIELD = ".modal-body :is(input, textarea, .picker-button):not([disabled])";
const FOCUSABLE =
  'button:not([disabled]), input:not([disabled]), textarea:not([disabled]), select:not([disabled]), a[href], [tabindex="0"]';

/** A real modal: the rest of the page is inert, Tab goes round inside, Escape asks to leave. */
export function Dialog({ label, className, role = "dialog", testid, onEscape, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    if (dialog === null) return undefined;
    if (!dialog.open) dialog.showModal();
    const first = dialog.querySelector<HTMLElement>("[data-autofocus]") ?? dialog.querySelector<HTMLElement>(FIRST_FIELD);
    first?.focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  function keepInside(event: KeyboardEvent) {
    event.stopPropagation();
    if (event.key === "Escape" && !event.defaultPrevented) {
      event.preventDefault();
      onEscape();
    }
    if (event.key !== "Tab" || ref.current === null) return;
    const stops = [...ref.current.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((each) => each.offsetParent !== null);
    const first = stops[0];
    const last = stops.at(-1);
    const leaving = event.shiftKey ? document.activeElement === first : document.activeElement === last;
    if (!leaving && ref.current.contains(document.activeElement)) return;
    event.preventDefault();
    (event.shiftKey ? last : first)?.focus();
  }

  return (
    <dialog
      ref={ref}
      className={className}
      role={role}
      aria-modal="true"
      aria-label={label}
      data-testid={testid}
      onKeyDown={keepInside}
      onCancel={(event) => {
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        onEscape();
      }}
    >
      {children}
    </dialog>
  );
}
