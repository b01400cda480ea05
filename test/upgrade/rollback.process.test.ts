import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { DacapoProcess } from "../faults/dacapo-process.ts";
import { Driver, type Tokens, tokensOf } from "../faults/driver.ts";
import { rowsOf } from "../support/command-output.ts";
import { freePort } from "../support/free-port.ts";
import { History } from "../support/history.ts";
import { runCli } from "../support/server-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { makeNextVersion, newerEvent } from "./next-version.ts";

/** Asks until that is answered otherwise than by 503, as clients do where the machine is busy; a lost refresh is repeated. */
async function refreshed(driver: Driver, refreshToken: string): Promise<Tokens> {
  for (let n = 0; ; n += 1) {
    const answer = await driver.refresh(refreshToken);
    if (answer.status !== 503 || n === 20) return tokensOf(answer);
    await sleep(200);
  }
}

it("an older version serves all but the streams that a newer one wrote in words it does not know", async () => {
  const [data, next] = [temporaryFolder(), temporaryFolder()];
  onTestFinished(() => [data, next].forEach((folder) => void folder[Symbol.dispose]()));
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const flags = ["--data-dir", data.path, "--port", String(port), "--log-level", "silent"];

  const serverOf = (sources?: string) =>
    new DacapoProcess({
      name: sources ? "next version" : "this version",
      args: ["serve", "--demo", ...flags],
      ready: /Introspection secret: \S+/,
      env: { DACAPO_MCP: "no", DACAPO_RATE_LIMIT: "off" },
      ...(sources ? { sources } : {}),
    });
  const [older, newer] = [serverOf(), serverOf(makeNextVersion(next.path, newerEvent))];
  onTestFinished(async () => void (await Promise.all([older.kill(), newer.kill()])));

  await older.start();
  const printed = (name: string) => new RegExp(`^${name}: (\\S+)$`, "m").exec(older.output())?.[1] ?? "";
  const introspection = { id: printed("Introspection ID"), secret: printed("Introspection secret") };
  const driver = new Driver({ issuer, clientId: printed("Client ID"), introspection }, new History());
  const person = await driver.signIn("alice");
  const [touched, untouched] = [await driver.tokens(person), await driver.tokens(person)];
  await older.stop();

  await newer.start();
  const renewed = await refreshed(driver, touched.refreshToken);
  await expect.poll(() => driver.introspect(renewed.accessToken)).toBe(true);
  await newer.stop();

  await older.start();
  await expect.poll(async () => (await fetch(`${issuer}/readyz`)).status).toBe(200);
  await expect.poll(() => driver.introspect(untouched.accessToken)).toBe(true);
  await refreshed(driver, untouched.refreshToken);
  // Nobody knows what became of it: neither active nor inactive, and no false success.
  expect(await driver.introspect(renewed.accessToken)).toBeUndefined();
  expect((await driver.refresh(renewed.refreshToken)).status).toBe(503);
  expect(await driver.revoke(renewed.refreshToken)).toBe(503);
  const parked = await runCli(["projector", "parked", "--json", ...flags]);
  expect(rowsOf({ ...parked, code: 0 })).toMatchObject([
    { event: "grant.refresh_token.rotated", reason: expect.stringContaining("written by a newer Dacapo") },
  ]);
  await older.stop();

  await newer.start();
  await expect.poll(() => driver.introspect(renewed.accessToken)).toBe(true);
  await refreshed(driver, renewed.refreshToken);
  await newer.stop();
});
