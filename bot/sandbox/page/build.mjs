// Builds the page into dist/: one script, one stylesheet, one document, and the licences of all that is bundled.
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");

const result = await build({
  absWorkingDir: root,
  entryPoints: { app: "src/main.tsx" },
  outdir: "dist",
  bundle: true,
  minify: true,
  metafile: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"' },
  // Our own small table of shortcodes serves; the two that come with the renderer weigh 430 kB.
  alias: { "node-emoji": resolve(root, "src/parts/plainEmoji.ts") },
  plugins: [{ name: "renderer", setup: amendRenderer }],
});

await mkdir(dist, { recursive: true });
await copyFile(join(root, "src/index.html"), join(dist, "index.html"));
await writeFile(join(dist, "LICENSES.txt"), await licences(Object.keys(result.metafile.inputs)));
for (const [file, output] of Object.entries(result.metafile.outputs)) {
  console.log(`${file}  ${(output.bytes / 1000).toFixed(0)} kB`);
}

/** The renderer gives every part that it draws the same id; a document may have an id once. */
function amendRenderer(hooks) {
  hooks.onLoad({ filter: /slack-blocks-to-jsx.dist.index\.mjs$/ }, withoutEmoji);
  hooks.onLoad({ filter: /slack-blocks-to-jsx.dist.style\.css$/ }, async ({ path }) => ({
    contents: (await readFile(path, "utf8")).replaceAll("#slack_blocks_to_jsx", "#page [data-blocks]"),
    loader: "css",
  }));
}

/** Empties the renderer's emoji table, the one object literal that begins with the entry `100`. */
async function withoutEmoji({ path }) {
  const source = await readFile(path, "utf8");
  const from = source.indexOf("={100:");
  const last = 'secret:"\\u3299\\uFE0F"}';
  const to = source.indexOf(last, from);
  if (from < 0 || to < 0) throw new Error(`${path} has no emoji table where it used to be; look again.`);
  const amended = `${source.slice(0, from)}={}${source.slice(to + last.length)}`;
  return { contents: amended.replaceAll('id:"slack_blocks_to_jsx"', '"data-blocks":""'), loader: "js" };
}

/** Collects the licence text of every package that esbuild took an input from, sorted by name. */
async function licences(inputs) {
  const names = new Set();
  for (const input of inputs) {
    const found = input.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\//);
    if (found) names.add(found[0]);
  }
  const parts = ["The page bundles these packages. Each is used under its own licence, given below.\n"];
  for (const folder of [...names].sort()) {
    const about = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
    const file = (await readdir(join(root, folder))).find((name) => /^licen[cs]e/i.test(name));
    const text = file ? await readFile(join(root, folder, file), "utf8") : "(no licence file in the package)";
    parts.push(`${"-".repeat(80)}\n${about.name} ${about.version} (${about.license})\n\n${text.trim()}\n`);
  }
  return parts.join("\n").replaceAll(relative(root, root), "");
}
