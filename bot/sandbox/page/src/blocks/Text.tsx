import { useMemo } from "react";
import type { Block, TextObject } from "../state/types";
import { richText } from "./mrkdwn";
import { Rendered } from "./Rendered";

/** A text object of any kind, with mentions, dates and links in the viewer's terms. */
export function Text({ text }: { text: TextObject }) {
  const blocks = useMemo(
    () => [{ type: "rich_text", elements: richText({ type: text.type, text: text.text }) } as unknown as Block],
    [text.type, text.text],
  );
  return <Rendered blocks={blocks} />;
}
