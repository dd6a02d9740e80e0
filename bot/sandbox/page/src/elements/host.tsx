import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from "react";
import { act, type Answer } from "../state/act";
import type { Block, Confirm, Container, FieldValue, FormValues } from "../state/types";
import { ConfirmDialog } from "./ConfirmDialog";
import { collectValues } from "./values";

/** What the elements of one message, modal or home need from the surface that they stand on. */
export interface Host {
  typed: FormValues;
  set: (blockId: string, actionId: string, value: FieldValue) => void;
  /** Sends an action to the bot once a confirm dialog, if any, was accepted. */
  dispatch: (action: FieldValue, key: string, confirm?: Confirm) => void;
  options: (blockId: string, actionId: string, query: string) => Promise<Answer>;
  busy: string | null;
  failed: { key: string; error: string } | null;
  errors: Record<string, string>;
}

const Context = createContext<Host | null>(null);
const REST_AFTER_FAILURE_MS = 1500;

export function useHost(): Host {
  const host = useContext(Context);
  if (host === null) throw new Error("Elements stand inside a BlockHost.");
  return host;
}

interface Props {
  container: Container;
  blocks: readonly Block[];
  me: string;
  typed: FormValues;
  onType: (change: (before: FormValues) => FormValues, blockId: string) => void;
  errors?: Record<string, string>;
  children: ReactNode;
}

interface Asked {
  action: FieldValue;
  key: string;
  confirm: Confirm;
}

/** Gives elements their surface: typed values, sending with a spinner, confirm dialogs, and errors in words. */
export function BlockHost({ container, blocks, me, typed, onType, errors = {}, children }: Props) {
  const [busy, setBusy] = useState<string | null>(null);
  const [failed, setFailed] = useState<Host["failed"]>(null);
  const [asked, setAsked] = useState<Asked | null>(null);

  const send = useCallback(
    async (action: FieldValue, key: string) => {
      setBusy(key);
      setFailed(null);
      const values = withAction(collectValues(blocks, typed), action);
      const answer = await act({ type: "block_action", as: me, container, action, state: { values } });
      if (!answer.ok) {
        setFailed({ key, error: answer.error ?? "The bot refused this." });
        await new Promise((resolve) => setTimeout(resolve, REST_AFTER_FAILURE_MS));
      }
      setBusy((now) => (now === key ? null : now));
    },
    [blocks, typed, me, container],
  );
  const host = useMemo<Host>(
    () => ({
      typed,
      errors,
      busy,
      failed,
      set: (blockId, actionId, value) =>
        onType((before) => ({ ...before, [blockId]: { ...before[blockId], [actionId]: value } }), blockId),
      dispatch: (action, key, confirm) => (confirm ? setAsked({ action, key, confirm }) : void send(action, key)),
      options: (block_id, action_id, query) => act({ type: "options", as: me, container, block_id, action_id, query }),
    }),
    [typed, errors, busy, failed, onType, send, me, container],
  );
  return (
    <Context value={host}>
      {children}
      {asked && (
        <ConfirmDialog
          confirm={asked.confirm}
          onAccept={() => {
            setAsked(null);
            void send(asked.action, asked.key);
          }}
          onDeny={() => setAsked(null)}
        />
      )}
    </Context>
  );
}

/** The action that was just taken counts as the value of its own input. */
function withAction(values: FormValues, action: FieldValue): FormValues {
  const { block_id: blockId, action_id: actionId, ...value } = action;
  if (typeof blockId !== "string" || typeof actionId !== "string") return values;
  if (values[blockId]?.[actionId] === undefined) return values;
  return { ...values, [blockId]: { ...values[blockId], [actionId]: value as FieldValue } };
}
