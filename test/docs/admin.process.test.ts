import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { commandsOf } from "../support/documentation.ts";
import { startServer } from "../support/server-process.ts";

const bin = fileURLToPath(new URL("../../interfaces/cli/bin.js", import.meta.url));

/** The blocks of shell as they stand, but those that say why they are not run. */
const blocks = commandsOf("docs/admin.md")
  .filter(({ notRun }) => notRun === undefined)
  .map(({ shell }) => shell);

it("docs/admin.md: its commands work, one after another, as they are written", async () => {
  await using server = await startServer();
  const script = [`dacapo() { ${process.execPath} ${bin} "$@"; }`, ...blocks].join("\n");
  const child = spawn("bash", ["--norc", "-euo", "pipefail", "-c", script], {
    env: {
      ...process.env,
      NODE_ENV: "test",
      ISSUER: server.issuer,
      DACAPO_DATA_DIR: server.dataDir,
      DACAPO_PORT: new URL(server.issuer).port,
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  const [code] = (await once(child, "close")) as [number | null];
  expect(code, output).toBe(0);
  expect(output).toContain('"username":"grace"');
  expect(output).toMatch(/^link: <[^>]+\/admin\/users\?limit=2&after=u_[^>]+>; rel="next"/m);
  const [first, second] = [...output.matchAll(/^\{.*"client_name":"Once".*\}$/gm)].map(([line]) => line);
  expect(first).toContain('"client_secret":"');
  expect(second).toBe(first);
  expect(output).toMatch(/"erasure":"(?:complete|requested)"/);
  expect(output).toContain("200 application/json");
});
