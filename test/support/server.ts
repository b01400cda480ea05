import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { ensureSigningKeys } from "../../application/commands/manage-signing-keys.ts";
import { type RegisteredClient, registerClient } from "../../application/commands/register-client.ts";
import type { RegistrationRequest } from "../../domain/client/metadata.ts";
import { loadConfig } from "../../infrastructure/config/load.ts";
import { createMetrics } from "../../infrastructure/telemetry/metrics/metrics.ts";
import { createTelemetry } from "../../infrastructure/telemetry/telemetry.ts";
import { type DemoNotes, demoOf } from "../../interfaces/cli/demo.ts";
import { compose, type Runtime } from "../../interfaces/compose.ts";
import { type Engines, openEngines } from "../../interfaces/engines.ts";
import { type HttpDependencies, httpDependencies } from "../../interfaces/http/dependencies.ts";
import { createServer } from "../../interfaces/http/server.ts";
import { freePort } from "./free-port.ts";

/** A demo server inside the test's own process, with its log at hand; real HTTP on a free port, everything in memory. */
export interface TestServer extends AsyncDisposable {
  readonly issuer: string;
  /** Where it listens; the issuer, unless another one is set. */
  readonly address: string;
  readonly app: FastifyInstance;
  readonly runtime: Runtime;
  readonly demo: DemoNotes;
  readonly introspection: { readonly id: string; readonly secret: string };
  /** Registers a client as an operator does. */
  client(request: Partial<RegistrationRequest>): Promise<RegisteredClient>;
  /** The types of the events that `work` left in the log, in order. */
  eventsOf(work: () => Promise<unknown>): Promise<readonly string[]>;
}

const metadata = { actor: "operator", correlationId: "test" };

/**
 * Starts it; `settings` are those of the configuration, limits are off unless asked for. `around` may wrap the engines, to
 * count what is asked of them or to make them fail.
 */
export async function startTestServer(
  settings: Record<string, unknown> = {},
  around: (engines: Engines) => Engines = (engines) => engines,
  more: Partial<HttpDependencies> = {},
): Promise<TestServer> {
  const port = await freePort();
  const flags = { demo: true, ephemeral: true, port, rateLimit: false, logLevel: "silent", ...settings };
  const config = loadConfig({ flags, env: {} });
  const logger = pino({ level: config.logLevel });
  const telemetry = createTelemetry(createMetrics("test"), undefined);
  const engines = around(await openEngines(config, "server", telemetry.committed));
  const runtime = await compose(config, logger, { engines, telemetry });
  await ensureSigningKeys(runtime.context, metadata);
  const demo = await demoOf(runtime.context, config);
  const server = await createServer({ ...httpDependencies(config, runtime, logger, "test"), ...more });
  await server.listen({ host: "127.0.0.1", port: config.port });
  const introspection = demo.resources[`${config.issuer}/mcp`] ?? { id: "", secret: "" };

  return {
    issuer: config.issuer,
    address: `http://localhost:${port}`,
    app: server,
    runtime,
    demo,
    introspection,
    client: (request) =>
      registerClient(runtime.context, {
        request: {
          name: "Test client",
          redirectUris: ["https://client.example/callback"],
          authMethods: ["client_secret_basic", "client_secret_post"],
          grantTypes: ["authorization_code", "refresh_token", "client_credentials"],
          ...request,
        },
        origin: "operator",
        isSelfManaged: false,
        metadata,
      }),
    async eventsOf(work) {
      const before = await runtime.store.lastPosition();
      await work();
      const events = await runtime.store.readAll(before, 1_000);
      return events.map(({ type }) => type);
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await runtime.close();
    },
  };
}
