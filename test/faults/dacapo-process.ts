import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ownSources = fileURLToPath(new URL("../..", import.meta.url));
const patience = 30_000;
const keptOutput = 100_000;

export interface DacapoProcessOptions {
  readonly name: string;
  readonly args: readonly string[];
  /** What it prints as soon as it does its work. */
  readonly ready: RegExp;
  readonly env?: Readonly<Record<string, string>>;
  /** The folder of the sources that it runs, where those are others than these. */
  readonly sources?: string;
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
}

/** A `dacapo serve` or `dacapo worker` that is started, hung, killed and started again as a test wishes. */
export class DacapoProcess implements AsyncDisposable {
  readonly name: string;
  /** Ends that nobody asked for. */
  readonly crashes: string[] = [];
  readonly #options: DacapoProcessOptions;
  #child: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();
  #output = "";

  constructor(options: DacapoProcessOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** All that it printed, the end of it where that is long. */
  output(): string {
    return this.#output;
  }

  /** Starts it and waits until it works; one that ends before is started again, as a supervisor does. */
  async start(): Promise<void> {
    const deadline = performance.now() + patience;
    for (;;) {
      this.#output = "";
      const child = this.#spawn();
      while (child.exitCode === null && child.signalCode === null) {
        if (this.#options.ready.test(this.#output)) return;
        if (performance.now() > deadline) throw new Error(`${this.name} does not start:\n${this.#output}`);
        await sleep(20);
      }
      if (this.#child !== child) return;
      if (performance.now() > deadline) throw new Error(`${this.name} did not start:\n${this.#output}`);
      await sleep(200);
    }
  }

  #spawn(): ChildProcess {
    const { args, env, nodeOptions = [], ready, sources = ownSources } = this.#options;
    const bin = join(sources, "interfaces/cli/bin.js");
    const child = spawn(process.execPath, [...nodeOptions, bin, ...args], {
      env: { ...process.env, NODE_ENV: "test", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        this.#output = `${this.#output}${chunk}`.slice(-keptOutput);
      });
    child.once("exit", (code, signal) => {
      if (this.#child === child && ready.test(this.#output))
        this.crashes.push(`${this.name} ended with ${code ?? signal}:\n${this.#output.slice(-2_000)}`);
    });
    this.#exited = once(child, "close");
    this.#child = child;
    return child;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    child.kill("SIGCONT");
    const hangs = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await this.#exited;
    clearTimeout(hangs);
  }

  /** Ends it as an operator does. */
  stop = (): Promise<void> => this.#end("SIGTERM");

  kill = (): Promise<void> => this.#end("SIGKILL");

  /** Lets it hang: connections stay, nothing is answered. */
  pause = (): void => void this.#child?.kill("SIGSTOP");

  resume = (): void => void this.#child?.kill("SIGCONT");

  [Symbol.asyncDispose] = (): Promise<void> => this.kill();
}
