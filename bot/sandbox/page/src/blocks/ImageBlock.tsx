import type { Block } from "../state/types";

/** A picture with its title above and its alternative text for those who cannot see it. */
export function ImageBlock({ block }: { block: Block }) {
  const source = block.image_url ?? block.slack_file?.url ?? (block.slack_file?.id && `/files/${block.slack_file.id}`);
  return (
    <figure className="image-block">
      {block.title && <figcaption>{block.title.text}</figcaption>}
      <a href={source} target="_blank" rel="noreferrer" aria-label={`Open picture: ${block.alt_text ?? ""}`}>
        <img src={source} alt={block.alt_text ?? ""} />
      </a>
    </figure>
  );
}
