import { useId, type ReactNode } from "react";
import { ElementView } from "../elements/ElementView";
import { useHost } from "../elements/host";
import { blockIdOf } from "../elements/values";
import type { Block, Element, TextObject } from "../state/types";
import { ImageBlock } from "./ImageBlock";
import { Rendered } from "./Rendered";
import { Text } from "./Text";

const ONLY_READ = new Set([
  "divider", "rich_text", "table", "markdown", "video", "alert", "plan", "task_card",
  "data_visualization",
]);

/** Draws blocks: what is only read through the library, what can be pressed by our own elements. */
export function Blocks({ blocks }: { blocks: readonly Block[] }) {
  const parts: ReactNode[] = [];
  let reading: Block[] = [];
  const flush = () => {
    if (reading.length > 0) parts.push(<Rendered key={`read-${parts.length}`} blocks={reading} />);
    reading = [];
  };
  blocks.forEach((block, index) => {
    if (ONLY_READ.has(block.type)) {
      reading.push(block);
      return;
    }
    flush();
    parts.push(<OneBlock key={blockIdOf(block, index)} block={block} blockId={blockIdOf(block, index)} />);
  });
  flush();
  return <div className="blocks">{parts}</div>;
}

function OneBlock({ block, blockId }: { block: Block; blockId: string }) {
  switch (block.type) {
    case "header":
      return <h3 className="header-block">{block.text && <Text text={block.text} />}</h3>;
    case "context":
      return <ContextBlock block={block} />;
    case "section":
      return <SectionBlock block={block} blockId={blockId} />;
    case "actions":
      return <Row elements={block.elements ?? []} blockId={blockId} />;
    case "context_actions":
      return <Row elements={(block.elements ?? []).flatMap(buttonsOf)} blockId={blockId} />;
    case "input":
      return <InputBlock block={block} blockId={blockId} />;
    case "image":
      return <ImageBlock block={block} />;
    case "card":
      return (
        <div className="card-block">
          <Rendered blocks={[{ ...block, actions: [] }]} />
          <Row elements={block.actions ?? []} blockId={blockId} />
        </div>
      );
    case "container":
      return (
        <section className="container-block" aria-label={block.title?.text}>
          {block.title && <strong>{block.title.text}</strong>}
          <Blocks blocks={block.child_blocks ?? []} />
        </section>
      );
    default:
      return <p className="faint">This block is not shown here: {block.type}</p>;
  }
}

function SectionBlock({ block, blockId }: { block: Block; blockId: string }) {
  const { accessory, text, fields } = block;
  return (
    <div className="section-block">
      <div className="section-text">
        {text && <Text text={text} />}
        {fields && fields.length > 0 && (
          <div className="fields">
            {fields.map((field, index) => (
              <Text key={index} text={field} />
            ))}
          </div>
        )}
      </div>
      {accessory && (
        <div className="section-accessory">
          <ElementView element={accessory} blockId={blockId} label={labelOf(accessory, block)} />
          <Failure blockId={blockId} />
        </div>
      )}
    </div>
  );
}

function ContextBlock({ block }: { block: Block }) {
  return (
    <div className="context-block">
      {(block.elements ?? []).map((element, index) =>
        element.type === "image" ? (
          <img key={index} src={element.image_url} alt={element.alt_text ?? ""} />
        ) : (
          <Text key={index} text={element as unknown as TextObject} />
        ),
      )}
    </div>
  );
}

function Row({ elements, blockId }: { elements: readonly Element[]; blockId: string }) {
  return (
    <>
      <div className="actions-block">
        {elements.map((element, index) => (
          <ElementView key={element.action_id ?? index} element={element} blockId={blockId} />
        ))}
      </div>
      <Failure blockId={blockId} />
    </>
  );
}

function InputBlock({ block, blockId }: { block: Block; blockId: string }) {
  const host = useHost();
  const id = useId();
  const error = host.errors[blockId];
  if (block.element === undefined) return null;
  const describedBy = [error && `${id}-error`, block.hint && `${id}-hint`].filter(Boolean).join(" ") || undefined;
  return (
    <div className={error ? "input-block wrong" : "input-block"}>
      <label htmlFor={id}>
        {block.label?.text}
        {block.optional && <span className="faint"> (optional)</span>}
      </label>
      <ElementView
        element={block.element} blockId={blockId} label={block.label?.text} fieldId={id} inInput
        optional={block.optional ?? false} sends={block.dispatch_action ?? false} describedBy={describedBy}
      />
      {error && (
        <p className="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
      {block.hint && (
        <p className="hint" id={`${id}-hint`}>
          {block.hint.text}
        </p>
      )}
      <Failure blockId={blockId} />
    </div>
  );
}

function Failure({ blockId }: { blockId: string }) {
  const { failed } = useHost();
  if (failed === null || !failed.key.startsWith(`${blockId} `)) return null;
  return (
    <p className="field-error" role="alert">
      {failed.error}
    </p>
  );
}

/** Feedback buttons come in pairs inside one element; each is pressed as a button with the pair's action id. */
function buttonsOf(element: Element): Element[] {
  const { positive_button: yes, negative_button: no, action_id } = element;
  const pair = [yes, no].filter((each) => each !== undefined);
  if (pair.length > 0) return pair.map((each) => ({ ...each, type: "button", action_id }));
  return element.type === "icon_button" ? [{ ...element, type: "button" }] : [element];
}

function labelOf(accessory: Element, block: Block): string | undefined {
  return accessory.accessibility_label ?? accessory.placeholder?.text ?? block.text?.text;
}
