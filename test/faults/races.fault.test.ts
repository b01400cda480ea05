import { afterAll, beforeAll, expect, it } from "vitest";
import { checkHistory, History } from "../support/history.ts";
import { readLog } from "../support/read-log.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { Driver, tokensOf } from "./driver.ts";

let server: ServerProcess;
const history = new History();
beforeAll(async () => {
  server = await startServer({ env: { DACAPO_RATE_LIMIT: "off" }, flags: ["--log-level", "error"] });
});
afterAll(() => server[Symbol.asyncDispose]());

const fifty = <T>(work: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 50 }, work));

it("50 simultaneous uses of one refresh token give one and the same successor, and no 5xx (I3, I4)", async () => {
  const driver = new Driver(server, history);
  const tokens = await driver.tokens(await driver.signIn("alice"));
  const answers = await fifty(() => driver.refresh(tokens.refreshToken));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const successors = new Set(answers.map((answer) => tokensOf(answer).refreshToken));
  expect(successors.size).toBe(1);
  expect(new Set(answers.map((answer) => tokensOf(answer).accessToken)).size).toBe(50);

  const next = await driver.refresh([...successors][0] ?? "");
  expect(next.status).toBe(200);
});

it("50 simultaneous redemptions of a code give at most one success, and nothing of it stays alive (I2)", async () => {
  const driver = new Driver(server, history);
  const code = await driver.code(await driver.signIn("alice"));
  const answers = await fifty(() => driver.redeem(code));
  const successes = answers.filter(({ status }) => status === 200);
  expect(successes).toHaveLength(1);
  expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  expect(answers.filter(({ body }) => body.error === "invalid_grant")).toHaveLength(49);
  expect(await driver.introspect(tokensOf(successes[0] as (typeof answers)[number]).accessToken)).toBe(false);
});

it("refreshes that race with a revocation leave nothing alive (I5)", async () => {
  const driver = new Driver(server, history);
  const person = await driver.signIn("alice");
  for (let round = 0; round < 10; round += 1) {
    const tokens = await driver.tokens(person);
    const [status, ...answers] = await Promise.all([
      driver.revoke(tokens.refreshToken),
      ...Array.from({ length: 5 }, () => driver.refresh(tokens.refreshToken)),
    ]);
    expect(status).toBe(200);
    for (const { body } of answers)
      if (body.access_token !== undefined) expect(await driver.introspect(body.access_token)).toBe(false);
  }
});

it("50 simultaneous sign-ins leave 5 sessions, the newest in the log (I8)", async () => {
  const driver = new Driver(server, history);
  const people = await fifty(() => driver.signIn("bob"));
  const signedIn = await Promise.all(
    people.map(async (person) => (await (await person.open("/auth/logout")).text()).includes('name="csrf"')),
  );
  expect(signedIn.filter(Boolean)).toHaveLength(5);
});

it("a history of all this is explained by the log (I1-I8, I10)", async () => {
  expect(history.entries.length).toBeGreaterThan(150);
  expect(checkHistory(history, await readLog(server.dataDir))).toEqual([]);
});
