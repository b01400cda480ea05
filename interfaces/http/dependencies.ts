import type { Logger } from "pino";
import type { RefusalCounter } from "../../application/commands/count-refusals.ts";
import type { Context } from "../../application/context.ts";

/** What the HTTP server is made of. */
export interface HttpDependencies {
  readonly context: Context;
  readonly refusals: RefusalCounter;
  readonly logger: Logger;
  /** Origins whose pages may call what is not open to all. */
  readonly corsOrigins: readonly string[];
  readonly isRateLimited: boolean;
  /** Addresses of proxies whose X-Forwarded-For is believed. */
  readonly trustProxy: readonly string[];
  readonly version: string;
  /** Why the server cannot serve yet; empty when it can. */
  readonly notReady: () => readonly string[];
  /** Why this process may neither issue nor judge; undefined where its clock is right. */
  readonly clockFault: () => string | undefined;
}
