import { rmSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { expect, it } from "vitest";
import { signIn } from "../../../application/commands/sign-in.ts";
import type { Context } from "../../../application/context.ts";
import { loadConfig } from "../../../infrastructure/config/load.ts";
import { type DemoNotes, demoBanner, demoOf } from "../../../interfaces/cli/demo.ts";
import { compose } from "../../../interfaces/compose.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const metadata = { actor: "anonymous", correlationId: "test" };

/** The demo as it is made before a server with these settings listens; nothing listens here. */
async function withDemo(
  settings: Record<string, unknown>,
  check: (demo: DemoNotes, context: Context, banner: string) => Promise<void>,
): Promise<void> {
  const config = loadConfig({ flags: { demo: true, logLevel: "silent", ...settings }, env: {} });
  const runtime = await compose(config, pino({ level: "silent" }));
  try {
    const demo = await demoOf(runtime.context, config);
    await check(demo, runtime.context, demoBanner(demo, config));
  } finally {
    await runtime.close();
  }
}

async function canSignIn(context: Context, password: string): Promise<boolean> {
  const origin = { address: "127.0.0.1", agent: "test" };
  return (
    "cookie" in (await signIn(context, { username: "alice", password, rememberMe: false, origin }, metadata))
  );
}

const network = "192.0.2.1";

it.each(["127.0.0.1", "::1", "localhost"])("gives everybody the well-known password on %s", (host) =>
  withDemo({ ephemeral: true, host }, async ({ passwords }, context) => {
    expect(passwords).toEqual({ alice: "password", bob: "password", admin: "password" });
    expect(await canSignIn(context, "password")).toBe(true);
  }),
);

it("gives each user a password of its own on a network address", () =>
  withDemo({ ephemeral: true, host: network }, async ({ passwords }, context, banner) => {
    const { alice = "" } = passwords;
    expect(new Set(Object.values(passwords)).size).toBe(3);
    for (const password of Object.values(passwords)) expect(password).toMatch(/^[\w-]{16}$/);
    expect(banner).toContain(`alice  / ${alice} `);
    expect(await canSignIn(context, alice)).toBe(true);
    expect(await canSignIn(context, "password")).toBe(false);
  }));

it("keeps the well-known password on a network address where that is asked for", () =>
  withDemo({ ephemeral: true, host: network, demoOnNetwork: true }, async ({ passwords }) => {
    expect(passwords).toEqual({ alice: "password", bob: "password", admin: "password" });
  }));

it("replaces the well-known passwords of a demo that moves to a network address", async () => {
  using folder = temporaryFolder();
  const dataDir = folder.path;
  await withDemo({ dataDir }, async ({ passwords }) => {
    expect(passwords.alice).toBe("password");
  });
  let moved = "";
  await withDemo({ dataDir, host: network }, async ({ passwords }, context) => {
    moved = passwords.alice ?? "";
    expect(await canSignIn(context, "password")).toBe(false);
    expect(await canSignIn(context, moved)).toBe(true);
  });
  await withDemo({ dataDir, host: network }, async ({ passwords }) => {
    expect(passwords.alice).toBe(moved);
  });
});

it("replaces them too where nobody kept what the passwords were", async () => {
  using folder = temporaryFolder();
  const dataDir = folder.path;
  await withDemo({ dataDir }, async () => undefined);
  rmSync(join(dataDir, "demo.json"));
  await withDemo({ dataDir, host: network }, async ({ passwords }, context) => {
    expect(await canSignIn(context, "password")).toBe(false);
    expect(await canSignIn(context, passwords.alice ?? "")).toBe(true);
  });
});

it("gives its client a secret where public clients are not allowed", () =>
  withDemo({ ephemeral: true, allowPublicClients: false }, async ({ clientSecret }, _, banner) => {
    expect(clientSecret).toMatch(/^[\w-]{43}$/);
    expect(banner).toContain(`Client secret: ${clientSecret}`);
  }));
