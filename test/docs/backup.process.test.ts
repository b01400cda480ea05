import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { commandsOf, pageText, projectFolder } from "../support/documentation.ts";
import { isActive, tokensOf } from "../support/process-client.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const page = "docs/operations.md";

/** The blocks of the section, in order. */
function blocks(): readonly string[] {
  const [before = "", after = ""] = pageText(page).split("\n## Take a backup, restore it\n");
  const [first, last] = [before, before + after.split("\n## ")[0]].map((text) => text.split("\n").length);
  return commandsOf(page)
    .filter(({ line }) => line > Number(first) && line < Number(last) + 1)
    .map(({ shell }) => shell);
}

const folder = temporaryFolder();
let server: ServerProcess;
beforeAll(async () => {
  mkdirSync(join(folder.path, "bin"));
  const program = `exec '${process.execPath}' '${projectFolder}interfaces/cli/bin.js' "$@"`;
  writeFileSync(join(folder.path, "bin/dacapo"), `#!/bin/bash\n${program}\n`, { mode: 0o755 });
  server = await startServer({ dataDir: join(folder.path, "data") });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Runs a block as it stands, but for the folder of the backups. */
async function run(block: string | undefined): Promise<string> {
  const child = spawn(
    "bash",
    ["--norc", "-euo", "pipefail", "-c", (block ?? "").replaceAll('"/backup/', `"${folder.path}/`)],
    {
      env: {
        ...process.env,
        NODE_ENV: "test",
        DACAPO_DATA_DIR: server.dataDir,
        DACAPO_PORT: new URL(server.issuer).port,
        PATH: `${join(folder.path, "bin")}:${process.env.PATH}`,
      },
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${block} ends with ${code}:\n${output}`);
  return output;
}

it("docs/operations.md says how to take a backup, look at it, restore it and begin anew", {
  timeout: 60_000,
}, async () => {
  const [backup, check, restore, newEpoch, ...more] = blocks();
  expect(more).toEqual([]);
  const { access_token } = await tokensOf(server, "alice");
  expect(await run(backup)).toMatch(/^Backup: .*\n[\s\S]*to be kept elsewhere/);
  expect(await run(check)).toMatch(/^Backup: whole$/m);
  await server.stop();
  expect(await run(restore)).toMatch(/^Users signed out: 3$/m);
  server = await startServer({ dataDir: server.dataDir, port: Number(new URL(server.issuer).port) });
  expect(await isActive(server, access_token)).toBe(false);
  const fresh = await tokensOf(server, "alice");
  expect(await isActive(server, fresh.access_token)).toBe(true);
  expect(await run(newEpoch)).toMatch(/^Signing keys: replaced$/m);
  expect(await isActive(server, fresh.access_token)).toBe(false);
});
