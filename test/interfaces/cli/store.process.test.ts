import { afterAll, beforeAll, expect, it } from "vitest";
import { type EventStoreDouble, startEventStoreDouble } from "../../support/eventstore-double/index.ts";
import { isActive, tokensOf } from "../../support/process-client.ts";
import { postForm } from "../../support/requests.ts";
import { runCli, startServer } from "../../support/server-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

let double: EventStoreDouble;
beforeAll(async () => {
  double = await startEventStoreDouble();
});
afterAll(() => double[Symbol.asyncDispose]());

it("a deployment grows out of its embedded log: tokens live on, a copy is verified and can be repeated", async () => {
  using folder = temporaryFolder();
  const dataDir = folder.path;
  const embedded = await startServer({ dataDir });
  const copy = async () => {
    const { code, stdout, stderr } = await runCli([
      "store",
      "copy",
      "--to",
      double.url,
      "--data-dir",
      dataDir,
      "--json",
    ]);
    return { code, stderr, facts: stdout === "" ? undefined : JSON.parse(stdout) };
  };
  const first = await copy();
  expect(first).toMatchObject({ code: 0, facts: { verified: "yes" } });
  expect(first.facts.copied).toBe(first.facts.events);
  const tokens = await tokensOf(embedded, "alice");
  const port = Number(new URL(embedded.issuer).port);
  await embedded.stop();
  const second = await copy();
  expect(second).toMatchObject({ code: 0, facts: { verified: "yes" } });
  expect(second.facts.copied).toBe(second.facts.events - first.facts.events);
  expect(await copy()).toMatchObject({ facts: { copied: 0, digest: second.facts.digest } });

  await using grown = await startServer({ dataDir, port, flags: ["--eventstore-url", double.url] });
  expect(await isActive(grown, tokens.access_token)).toBe(true);
  const refreshed = await postForm(`${grown.issuer}/auth/token`, {
    grant_type: "refresh_token",
    refresh_token: tokens.refresh_token,
    client_id: grown.clientId,
  });
  expect(refreshed.status).toBe(200);
  const diverged = await copy();
  expect(diverged.code).toBe(1);
  expect(diverged.stderr).toMatch(/^This is no copy of the log: .*\.\n$/);
});

it("says where there is nothing to copy", async () => {
  using folder = temporaryFolder();
  const env = { DACAPO_EVENTSTORE_URL: double.url };
  const result = await runCli(["store", "copy", "--data-dir", folder.path], { env });
  expect(result).toMatchObject({ code: 1, stderr: `There is no log in ${folder.path}.\n` });
});

it("asks where to copy to", async () => {
  const { code, stderr } = await runCli(["store", "copy"], { env: { DACAPO_EVENTSTORE_URL: "" } });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: "Say where to: by DACAPO_EVENTSTORE_URL, the file or --to.\n",
  });
});
