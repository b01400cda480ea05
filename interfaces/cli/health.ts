import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { z } from "zod";
import { CommandError } from "./command-error.ts";
import { addServerSettings, configOf } from "./options.ts";
import { plain } from "./run.ts";

/** How long an answer is waited for, ms. */
const patience = 3_000;

/** What of a configuration tells where its own process says how it is. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  readonly tlsCertFile?: string | undefined;
  readonly operationsHost?: string | undefined;
  readonly operationsPort?: number | undefined;
}

/** Where a process listens, as it is reached from the same machine. */
export interface Listener {
  readonly protocol: "http:" | "https:";
  readonly host: string;
  readonly port: number;
}

/** Who listens at all addresses is found at the one that never leaves the machine. */
const reachable: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** Where to ask the server or worker that runs by this configuration: at its operations port if it has one, which a worker needs. */
export function listenerOf(config: Listening): Listener {
  const { operationsPort, operationsHost = "127.0.0.1", tlsCertFile } = config;
  const [host, port] =
    operationsPort === undefined ? [config.host, config.port] : [operationsHost, operationsPort];
  const isTls = operationsPort === undefined && tlsCertFile !== undefined;
  return { protocol: isTls ? "https:" : "http:", host: reachable[host] ?? host, port };
}

/** Asks; the certificate is not checked, as it is for the name that the world uses, and nothing secret is said. */
async function ask({ protocol, ...where }: Listener, path: string, signal: AbortSignal) {
  const { get } = protocol === "https:" ? await import("node:https") : await import("node:http");
  const request = get({
    ...where,
    path,
    agent: false,
    rejectUnauthorized: false,
    signal,
  });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

const notReady = z.object({ reasons: z.array(z.string()) });

/** Why it is not well, in its own words where it gave any. */
function reasonOf(status: number | undefined, body: string): string {
  try {
    return notReady.parse(JSON.parse(body)).reasons.map(plain).join("; ");
  } catch {
    return `the answer is ${status}`;
  }
}

/** @throws {CommandError} where the process does not answer, or says that it is not well */
async function checkHealth(config: Listening, path: "/livez" | "/readyz"): Promise<void> {
  const listener = listenerOf(config);
  const { protocol, host, port } = listener;
  if (port === 0) throw new CommandError("Nobody knows which port was taken: port is 0.");
  const place = `${protocol}//${host.includes(":") ? `[${host}]` : host}:${port}${path}`;
  const signal = AbortSignal.timeout(patience);
  const { status, body } = await ask(listener, path, signal).catch((error: Error) => {
    const why = signal.aborted ? `no answer within ${patience / 1_000} s` : plain(error.message.trim());
    throw new CommandError(`Nothing to be learned at ${place}: ${why}.`);
  });
  if (status !== 200) throw new CommandError(`Not well, says ${place}: ${reasonOf(status, body)}.`);
}

/** dacapo health: asks the server or worker of this configuration, on this machine, how it is. */
export function addHealthCommand(program: Command): void {
  addServerSettings(
    program
      .command("health")
      .description(
        "ask the server or worker that runs here by these settings whether it is ready; exit code 1 if not",
      ),
  )
    .option("--live", "ask only whether the process answers, whatever it waits for")
    .action(async ({ live = false }, command: Command) => {
      await checkHealth(configOf(command), live ? "/livez" : "/readyz");
      console.log(live ? "Alive." : "Ready.");
    });
}
