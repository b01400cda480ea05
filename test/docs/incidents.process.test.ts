import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const page = readFileSync(new URL("../../docs/audit.md", import.meta.url), "utf8");

/** What is the same in each run: no id, hash, time, port or figure of speed, and no width of a column. */
const skeleton = (printed: string): readonly string[] =>
  printed
    .trim()
    .split("\n")
    .map((line) =>
      line
        .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, "TIME")
        .replaceAll(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, "UUID")
        .replaceAll(/\+[\da-f]{8}\+[A-Za-z0-9+/=]+/g, "+KEY")
        .replaceAll(/[A-Za-z0-9_+/=-]{22,}/g, (word) => (/\d|[A-Z]{2}/.test(word) ? "ID" : word))
        .replaceAll(/localhost:\d+/g, "localhost:PORT")
        .replaceAll(/(?:Seconds|Events per second): [\d.]+/g, "SPEED")
        .replaceAll(/\d{13}/g, "MILLISECONDS")
        .replaceAll(/ {2,}/g, "  ")
        .trimEnd(),
    );

/** What the page shows under the name of a script. */
function shown(name: string): string {
  const [, block] =
    new RegExp(`\`docs/incidents/${name}\\.ts\`\\n+\`\`\`text\\n([\\s\\S]*?)\`\`\``).exec(page) ?? [];
  if (block === undefined) throw new Error(`docs/audit.md shows nothing of ${name}`);
  return block;
}

async function run(name: string): Promise<string> {
  const script = fileURLToPath(new URL(`../../docs/incidents/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  if (child.exitCode !== 0) throw new Error(`${name}: ${stderr}`);
  return stdout;
}

describe("docs/audit.md shows what the script of an incident prints:", () => {
  it.each(["stolen-refresh-token", "over-scoped-client", "tampered-database"])("%s", async (name) => {
    expect(skeleton(await run(name))).toEqual(skeleton(shown(name)));
  });
});
