import type { McpServer } from "@modelcontextprotocol/server";
import type { Logger } from "pino";
import type { RefusalCounter } from "../../application/commands/count-refusals.ts";
import { type ErasureState, eraseUser } from "../../application/commands/erase-user.ts";
import type { Context } from "../../application/context.ts";
import type { EventMetadata } from "../../application/ports/event-store.ts";
import { isMetadataDocumentUrl } from "../../domain/client/metadata-document.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import { createClientDocuments } from "../../infrastructure/network/client-documents.ts";
import type { Telemetry } from "../../infrastructure/telemetry/telemetry.ts";
import { type AuditServices, auditServices } from "../audit/services.ts";
import type { Runtime } from "../compose.ts";
import { openErasureList } from "../engines.ts";
import { keepingLeaves } from "../proof.ts";
import { type Cookies, cookiesOf } from "./cookies.ts";
import { createLimits, type Limits } from "./rate-limits.ts";

/** What the HTTP server is made of. */
export interface HttpDependencies {
  readonly context: Context;
  readonly refusals: RefusalCounter;
  readonly audit: AuditServices;
  /** Erases a person, as `eraseUser` does. */
  readonly erase: (userId: string, metadata: EventMetadata) => Promise<ErasureState>;
  readonly logger: Logger;
  /** What watches; undefined where nothing does. */
  readonly telemetry: Telemetry | undefined;
  /** Origins whose pages may call what is not open to all. */
  readonly corsOrigins: readonly string[];
  /** What counts requests; undefined where nothing is limited. */
  readonly limits: Limits | undefined;
  readonly cookies: Cookies;
  /** Who may connect, and from where: the networks, and the proxies whose X-Forwarded-For is believed. */
  readonly networks: Pick<Config, "allowNetworks" | "adminNetworks" | "trustProxy">;
  readonly version: string;
  /** Whether /metrics is answered here, too. */
  readonly showsMetrics: boolean;
  /** How documents are read that client ids name, and which ids do. */
  readonly clientDocuments: {
    readonly read: (url: string) => Promise<unknown>;
    readonly isNamedBy: (clientId: string) => boolean;
  };
  /** Whether the music analysis tools are served at /mcp. */
  readonly hasMcp: boolean;
  /** Whether the API is described at /openapi.json and /docs. */
  readonly hasApiDocs: boolean;
  /** Adds to each MCP server that is made for a request, beside our own tools. */
  readonly extendMcp?: (server: McpServer) => void;
  /** Why the server cannot serve yet; empty when it can. */
  readonly notReady: () => readonly string[];
  /** Whether it was told to stop, and answers on for those who do not know that yet. */
  readonly isStopping: () => boolean;
  /** Why this process may neither issue nor judge; undefined where its clock is right. */
  readonly clockFault: () => string | undefined;
}

/** Client metadata documents; from this machine too where the demo runs for it alone. */
function clientDocumentsOf({ clientDocuments, demo, isLocal }: Config): HttpDependencies["clientDocuments"] {
  const allowLoopbackHttp = demo && isLocal;
  return {
    read: createClientDocuments({ allowLoopbackHttp }),
    isNamedBy: (clientId) => clientDocuments && isMetadataDocumentUrl(clientId, allowLoopbackHttp),
  };
}

function erasing(config: Config, { context, store }: Runtime, logger: Logger): HttpDependencies["erase"] {
  const dependencies = {
    ...context,
    store,
    erasureList: openErasureList(config),
    keepLeaves: keepingLeaves(config, store, (error) => logger.error({ err: error }, "no leaves are kept")),
  };
  return (userId, metadata) => eraseUser(dependencies, userId, metadata);
}

/** What the HTTP server of a deployment is made of. */
export const httpDependencies = (
  config: Config,
  runtime: Runtime,
  logger: Logger,
  version: string,
  isStopping: () => boolean = () => false,
): HttpDependencies => ({
  context: runtime.context,
  refusals: runtime.refusals,
  audit: auditServices(config, runtime),
  erase: erasing(config, runtime, logger),
  logger,
  telemetry: runtime.telemetry,
  // A demo is for this machine alone; elsewhere metrics are not for whoever reaches the server.
  showsMetrics: config.demo && config.isLocal && config.operationsPort === undefined,
  corsOrigins: config.corsOrigins,
  limits: config.rateLimit ? createLimits(runtime.counters, runtime.context.secrets) : undefined,
  cookies: cookiesOf(config),
  networks: config,
  version,
  clientDocuments: clientDocumentsOf(config),
  hasMcp: config.mcp,
  hasApiDocs: config.apiDocs,
  notReady: runtime.notReady,
  isStopping,
  clockFault: runtime.clockFault,
});
