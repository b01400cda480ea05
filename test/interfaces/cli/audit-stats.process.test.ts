import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { factsOf } from "../../support/command-output.ts";
import { tokensOf } from "../../support/process-client.ts";
import { startServer } from "../../support/server-process.ts";

it("counts what a server does, beside it: by block of addresses, as a report, and what was noticed", async () => {
  await using server = await startServer();
  await tokensOf(server, "alice");
  const file = join(server.dataDir, "report.html");
  const byBlock = await server.cli(["audit", "stats", "--by", "block"]);
  expect(byBlock.stdout).toMatch(/^Block +Sign-ins +MCP sessions\n(127\.0\.0\.0\/24|::\/48) +1 +0\n$/);
  expect(factsOf(await server.cli(["audit", "stats", "--html", file, "--json"]))).toEqual({
    report: file,
    replaced: false,
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).toContain(", by code: 1</title>");
  expect(await server.cli(["audit", "anomalies"])).toEqual({ code: 0, stdout: "None.\n", stderr: "" });
});
