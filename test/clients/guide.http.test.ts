import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { Person } from "../support/person.ts";
import { findPython, pythonIsMissing } from "../support/python.ts";
import { basic, postForm } from "../support/requests.ts";
import { startServer } from "../support/server-process.ts";

const guide = fileURLToPath(new URL("../../../shared/seed/oauth2_guide.md", import.meta.url));
const python = findPython();
const missing = [python ? [] : [pythonIsMissing], existsSync(guide) ? [] : [`${guide} is missing`]].flat();
const because = missing.length > 0 ? ` (skipped: ${missing.join(", ")})` : "";

/** The guide's client class, verbatim: from its imports to where its use begins. */
function guideClass(): string {
  const blocks = readFileSync(guide, "utf8").matchAll(/```python\n([\s\S]*?)```/g);
  const library = [...blocks].map(([, block = ""]) => block).find((block) => block.includes("\nclass "));
  return library?.split("\n# Usage\n")[0] ?? "";
}

/**
 * Prints the authorization URL, reads a code, and prints what the class holds after the exchange and a refresh, then what
 * its calls of the tools answer, the last one after its token is no good any more.
 */
const driver = `
import json, sys
client = Music21MCPClient(*sys.argv[1:])
print(json.dumps(client.get_authorization_url()), flush=True)
print(json.dumps([client.exchange_code(input()), client.access_token, client.refresh_token]), flush=True)
print(json.dumps([client.refresh_access_token(), client.access_token, client.refresh_token]), flush=True)
print(json.dumps([client.list_tools(), client.execute_tool("analyze_harmony", {"score_id": "bach_invention_1"})]), flush=True)
client.access_token = "expired"
print(json.dumps(client.execute_tool("list_scores", {})), flush=True)
`;

it.skipIf(missing.length > 0)(`serves the guide's Python client as it is${because}`, async () => {
  await using server = await startServer({ env: { DACAPO_MCP: "yes" } });
  const args = [server.issuer, server.clientId, "http://localhost:3000/callback"];
  const program = spawn(python ?? "", ["-c", guideClass() + driver, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? "null");

  const url = new URL(await next());
  const alice = new Person(server.issuer);
  await alice.signIn("alice");
  const returned = await alice.authorize(Object.fromEntries(url.searchParams));
  program.stdin.end(`${returned.get("code")}\n`);

  const [isExchanged, accessToken, refreshToken] = await next();
  expect(isExchanged).toBe(true);
  const [isRefreshed, secondAccessToken, secondRefreshToken] = await next();
  expect(isRefreshed).toBe(true);
  expect(secondAccessToken).not.toBe(accessToken);
  expect(secondRefreshToken).not.toBe(refreshToken);
  const [{ tools }, harmony] = await next();
  expect(tools.map(({ name }: { name: string }) => name)).toContain("analyze_harmony");
  expect(harmony).toMatchObject({ success: true, result: { score_id: "bach_invention_1", key: "C major" } });
  expect(await next()).toMatchObject({ success: true, result: { status: "success" } });
  const { id, secret } = server.introspection;
  const introspected = await postForm(
    `${server.issuer}/auth/introspect`,
    { token: secondAccessToken },
    basic(id, secret),
  );
  expect(await introspected.json()).toMatchObject({ active: true, scope: "read write" });
});
