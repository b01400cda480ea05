import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { factsOf } from "../../support/command-output.ts";
import { freePort } from "../../support/free-port.ts";
import { Person } from "../../support/person.ts";
import { isActive } from "../../support/process-client.ts";
import { startServer } from "../../support/server-process.ts";

const bin = fileURLToPath(new URL("../../../interfaces/cli/bin.js", import.meta.url));

it("prints the tokens of a person who signs in by a browser", async () => {
  await using server = await startServer();
  const redirectUri = `http://localhost:${await freePort()}/callback`;
  const created = await server.cli([
    "client",
    "create",
    "--name",
    "T",
    "--redirect-uri",
    redirectUri,
    "--json",
  ]);
  const port = new URL(server.issuer).port;
  const flags = [
    "--client-id",
    factsOf(created).client_id ?? "",
    "--redirect-uri",
    redirectUri,
    "--port",
    port,
  ];
  const program = spawn(process.execPath, [bin, "sign-in", ...flags], { timeout: 20_000 });
  const ended = once(program, "close");
  let printed = "";
  program.stdout.on("data", (chunk: Buffer) => {
    printed += chunk;
  });
  const [asked] = (await once(program.stderr, "data")) as [Buffer];
  const url = new URL(String(asked).split("\n")[1] ?? "");

  const alice = new Person(server.issuer);
  await alice.signIn("alice");
  const returned = await alice.authorize(Object.fromEntries(url.searchParams));
  const page = await (await fetch(`${redirectUri}?${returned}`)).text();
  expect(page).toContain("You can close this page");
  expect(await ended).toEqual([0, null]);
  expect(await isActive(server, JSON.parse(printed).access_token)).toBe(true);
});
