import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.ts";

const bin = fileURLToPath(new URL("../../interfaces/cli/bin.js", import.meta.url));

/** How `dacapo` is run: a Node, and the file that it runs. */
export type Program = readonly [node: string, file: string];

const ofThisClone: Program = [process.execPath, bin];

/** A demo server in a process of its own, as a user starts it. */
export interface ServerProcess extends AsyncDisposable {
  readonly issuer: string;
  readonly dataDir: string;
  readonly clientId: string;
  readonly introspection: { readonly id: string; readonly secret: string };
  readonly pid: number;
  /** All that the process printed, banner and log. */
  output(): string;
  /** Ends it as a user would and answers its exit code. */
  stop(): Promise<number | null>;
  /** Ends it by SIGKILL. */
  kill(): Promise<void>;
  /** Runs the command line on the same data. */
  cli(args: readonly string[], input?: string): Promise<CliResult>;
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `dacapo` with these arguments, in this environment beside the process' own. */
export async function runCli(
  args: readonly string[],
  {
    input = "",
    env = {},
    program: [node, file] = ofThisClone,
  }: { input?: string; env?: Record<string, string>; program?: Program } = {},
): Promise<CliResult> {
  const child = spawn(node, [file, ...args], {
    env: { ...process.env, NODE_ENV: "test", ...env },
    // Long enough for a machine that is busy with other tests; each test has its own limit.
    timeout: 60_000,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk;
  });
  child.stdin.end(input);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

async function untilStarted(child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!/Introspection secret: \S+/.test(output())) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`the server did not start:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const field = (output: string, name: string): string =>
  new RegExp(`^${name}: (\\S+)$`, "m").exec(output)?.[1] ?? "";

export interface ServerOptions {
  readonly dataDir?: string;
  readonly port?: number;
  readonly flags?: readonly string[];
  readonly env?: Record<string, string>;
  readonly program?: Program;
}

/** Starts `dacapo serve --demo` on a free port; without a data folder it gets one that is removed with it. */
export async function startServer(options: ServerOptions = {}): Promise<ServerProcess> {
  const port = options.port ?? (await freePort());
  const own = options.dataDir === undefined ? await mkdtemp(join(tmpdir(), "dacapo-test-")) : undefined;
  const dataDir = options.dataDir ?? own ?? "";
  const { program = ofThisClone } = options;
  const [node, file] = program;
  const args = [
    file,
    "serve",
    "--demo",
    "--port",
    String(port),
    "--data-dir",
    dataDir,
    ...(options.flags ?? []),
  ];
  const child = spawn(node, args, {
    // Most tests need no tools, and start faster without.
    env: { ...process.env, NODE_ENV: "test", DACAPO_MCP: "no", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close") as Promise<[number | null]>;
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      printed += chunk;
    });
  await untilStarted(child, () => printed);

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const [code] = await ended;
    return code;
  }

  return {
    issuer: `http://localhost:${port}`,
    dataDir,
    clientId: field(printed, "Client ID"),
    introspection: { id: field(printed, "Introspection ID"), secret: field(printed, "Introspection secret") },
    pid: child.pid ?? 0,
    output: () => printed,
    stop: () => end("SIGTERM"),
    kill: async () => {
      await end("SIGKILL");
    },
    cli: (cliArgs, input) =>
      runCli(
        [...cliArgs, "--data-dir", dataDir, "--port", String(port)],
        input === undefined ? { program } : { input, program },
      ),
    async [Symbol.asyncDispose]() {
      await end("SIGTERM");
      if (own !== undefined) await rm(own, { recursive: true, force: true });
    },
  };
}
