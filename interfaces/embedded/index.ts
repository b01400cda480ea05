import type { RemoteMCPConfig } from "../../infrastructure/config/input.ts";
import { loadConfig } from "../../infrastructure/config/load.ts";
import { createClosing } from "../cli/closing.ts";
import { start } from "./start.ts";

export type {
  IPWhitelist,
  OAuth2Config,
  RemoteMCPConfig,
  SessionConfig,
} from "../../infrastructure/config/input.ts";
export { ConfigurationError } from "../../infrastructure/config/problem.ts";

/** A server that runs in this process. */
export interface Dacapo {
  /** Where it listens. */
  readonly url: string;
  /** What it is known as: the issuer of its tokens, and the base of the addresses in its metadata. */
  readonly issuer: string;
  /** Stops listening, lets the requests that run end, and closes what was opened; a second call waits for the first. */
  close(): Promise<void>;
}

/**
 * Starts the server that `dacapo serve` runs in this process, with these settings alone: the environment is not read. It
 * prints nothing and leaves the signals of the process to their owner; its log goes to standard error, by `logLevel`.
 * Resolves when it serves.
 * @throws {ConfigurationError} which names all that is wrong
 * @throws {Error} where the port is taken or the stores cannot be reached
 */
export async function startDacapo(settings: RemoteMCPConfig = {}): Promise<Dacapo> {
  const { NODE_ENV } = process.env; // a demo is refused in production, however it is started
  const config = loadConfig({ code: { ...settings }, env: { NODE_ENV } });
  const closing = createClosing();
  try {
    const started = await start(config, closing);
    await started.prepared;
    return { url: started.url, issuer: started.config.issuer, close: closing.close };
  } catch (error) {
    await closing.close();
    throw error;
  }
}
