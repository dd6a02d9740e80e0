import type { FileEntry } from "../state/types";

/** What was uploaded with a message: pictures shown, the rest as a line to open. */
export function Files({ files }: { files: readonly FileEntry[] }) {
  if (files.length === 0) return null;
  return (
    <ul className="files">
      {files.map((file) => (
        <li key={file.id}>
          {file.mimetype.startsWith("image/") ? (
            <a href={file.url} target="_blank" rel="noreferrer">
              <img src={file.url} alt={file.alt_txt || file.name} />
            </a>
          ) : (
            <a className="file" href={file.url} target="_blank" rel="noreferrer">
              <b>{file.name}</b>
              <small>
                {file.mimetype} · {size(file.size)}
              </small>
            </a>
          )}
        </li>
      ))}
    </ul>
  );
}

function size(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
