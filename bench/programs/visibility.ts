/** How long 200 token requests a second wait, after their append was answered, for the read models to show it. */
import { join } from "node:path";
import { pino } from "pino";
import { issueClientCredentials } from "../../application/commands/issue-client-credentials.ts";
import { createResource } from "../../application/commands/manage-resources.ts";
import { ensureSigningKeys } from "../../application/commands/manage-signing-keys.ts";
import { registerClient } from "../../application/commands/register-client.ts";
import type { Context } from "../../application/context.ts";
import { loadConfig } from "../../infrastructure/config/load.ts";
import { generateMasterKey } from "../../infrastructure/crypto/key-ring.ts";
import { compose } from "../../interfaces/compose.ts";
import { answer } from "./answer.ts";
import { ownFolder } from "./folder.ts";

const writesPerSecond = 200;
const metadata = { actor: "operator", correlationId: "bench" };

const dataDir = join(ownFolder(), "data");
const { BENCH_REDIS_URL: redisUrl } = process.env;
const config = loadConfig({ flags: { dataDir, masterKey: generateMasterKey(), redisUrl }, env: {} });
const runtime = await compose(config, pino({ level: "error" }));
await ensureSigningKeys(runtime.context, metadata);
await createResource(
  runtime.context,
  { uri: "https://api.example/", name: "bench", scopes: ["read"], isDefault: true },
  metadata,
);
const { client } = await registerClient(runtime.context, {
  request: {
    name: "bench",
    redirectUris: [],
    authMethods: ["client_secret_basic"],
    grantTypes: ["client_credentials"],
  },
  origin: "operator",
  isSelfManaged: false,
  metadata,
});

/** The same context, whose waits are timed; one that ends without the document in sight fails the run. */
function timed(context: Context, waits: number[]): Context {
  return {
    ...context,
    visibility: {
      ...context.visibility,
      async wait(position, limit) {
        const start = performance.now();
        const isVisible = await context.visibility.wait(position, limit);
        waits.push(performance.now() - start);
        if (!isVisible) throw new Error(`an append was not visible after ${limit} ms`);
        return isVisible;
      },
    },
  };
}

answer(async (seconds: number) => {
  const waits: number[] = [];
  const context = timed(runtime.context, waits);
  const start = performance.now();
  const requests: Promise<unknown>[] = [];
  for (let number = 0; number < writesPerSecond * seconds; number += 1) {
    const due = start + (number * 1000) / writesPerSecond;
    await runtime.context.clock.sleep(Math.max(0, due - performance.now()));
    requests.push(
      issueClientCredentials(context, { client, scope: undefined, resources: undefined, metadata }),
    );
  }
  await Promise.all(requests);
  return waits;
}, runtime.close);
