import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkHistory, History } from "../support/history.ts";
import { readLog } from "../support/read-log.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { Driver, type Tokens, tokensOf } from "./driver.ts";

let dataDir: string;
const history = new History();
const options = () => ({ dataDir, env: { DACAPO_RATE_LIMIT: "off" }, flags: ["--log-level", "error"] });
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "dacapo-crash-"));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

/** Refreshes one family and introspects what it gets, until the server is gone; a lost answer is asked for again. */
async function useFamily(driver: Driver, first: Tokens, until: () => boolean): Promise<Tokens> {
  let tokens = first;
  while (!until()) {
    const answer = await driver.refresh(tokens.refreshToken);
    if (answer.status === 200) tokens = tokensOf(answer);
    else if (answer.status !== 0 && answer.status < 500) throw new Error(`refused: ${answer.body.error}`);
    await driver.introspect(tokens.accessToken);
  }
  return tokens;
}

async function issueMachineTokens(
  driver: Driver,
  client: { id: string; secret: string },
  issued: string[],
  until: () => boolean,
): Promise<void> {
  while (!until()) {
    const { body } = await driver.clientCredentials(client);
    if (body.access_token !== undefined) issued.push(body.access_token);
  }
}

async function machineClient(server: ServerProcess): Promise<{ id: string; secret: string }> {
  const { stdout } = await server.cli([
    "client",
    "create",
    "--name",
    "Machine",
    "--type",
    "confidential",
    "--json",
  ]);
  const { client_id: id, client_secret: secret } = JSON.parse(stdout);
  return { id, secret };
}

it("three times killed in the middle of issuing tokens, it finds every token that was answered (I1)", async () => {
  let server = await startServer(options());
  const { port } = new URL(server.issuer);
  const client = await machineClient(server);
  const person = await new Driver(server, history).signIn("alice");
  let families: Tokens[] = [];
  const driver = new Driver(server, history);
  for (let family = 0; family < 6; family += 1) families.push(await driver.tokens(person));
  const machineTokens: string[] = [];

  for (let crash = 0; crash < 3; crash += 1) {
    let isDead = false;
    const load = [
      ...families.map((tokens) => useFamily(driver, tokens, () => isDead)),
      ...Array.from({ length: 4 }, () => issueMachineTokens(driver, client, machineTokens, () => isDead)),
    ];
    const issued = machineTokens.length;
    while (machineTokens.length < issued + 40) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 150 * crash));
    await server.kill();
    isDead = true;
    const results = await Promise.all(load);
    families = results.filter((result) => result !== undefined);

    server = await startServer({ ...options(), port: Number(port) });
    // Whatever was answered is good after the crash; a refresh whose answer was lost gives the same successor.
    for (const tokens of families) {
      expect(await driver.introspect(tokens.accessToken)).toBe(true);
    }
    families = await Promise.all(
      families.map(async ({ refreshToken }) => tokensOf(await driver.refresh(refreshToken))),
    );
    for (const token of machineTokens.slice(-50)) {
      expect(await driver.introspect(token)).toBe(true);
    }
  }
  expect(machineTokens.length).toBeGreaterThan(100);
  await server.stop();
  expect(checkHistory(history, await readLog(dataDir))).toEqual([]);
}, 90_000);
