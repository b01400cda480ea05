import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createUser } from "../../application/commands/manage-users.ts";
import { generateMasterKey } from "../../infrastructure/crypto/key-ring.ts";
import { DacapoProcess } from "../faults/dacapo-process.ts";
import { factsOf } from "../support/command-output.ts";
import { freePort } from "../support/free-port.ts";
import { type CliResult, runCli } from "../support/server-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type Deployment, freshSecret } from "./deployment.ts";
import { onData, privateKeysIn, retainLater } from "./in-process.ts";
import { Ledger } from "./ledger.ts";
import { eventsOf, filesUnder } from "./places.ts";
import { startRecorder } from "./recorder.ts";
import type { Place } from "./search.ts";
import { pages, Walk } from "./walk.ts";

/** Settings, by their names in the environment. */
export type Env = Readonly<Record<string, string>>;

/** What the proxy says of every visitor; personal, like the name of the user. */
const visitor = { "x-forwarded-for": "203.0.113.177", "user-agent": "Recognisable-Agent/7.25 (Ataraxia)" };

/** A server at work on its own data, and what it leaves behind. */
export interface Run extends AsyncDisposable {
  readonly ledger: Ledger;
  readonly walk: Walk;
  readonly dataDir: string;
  readonly machine: Deployment["machine"];
  /** Runs a command on the same data; what it prints is noted. */
  cli(args: readonly string[], input?: string, env?: Env): Promise<CliResult>;
  /** Ends the server as a crash does and starts it again; answers what lay there in between. */
  crash(): Promise<readonly Place[]>;
  /** Ends the server for good, lets a year pass for retention, and answers what is left then and all that was printed. */
  end(): Promise<readonly Place[]>;
}

const operator = { actor: "operator", correlationId: "test" };

/** Starts it, with a user and a client, over the engines that the environment names. */
export async function startRun(engines: Env = {}): Promise<Run> {
  await using started = new AsyncDisposableStack();
  const folder = started.use(temporaryFolder());
  const dataDir = join(folder.path, "data");
  const keyFile = join(folder.path, "master.key");
  mkdirSync(dataDir);
  const masterKey = generateMasterKey();
  writeFileSync(keyFile, masterKey, { mode: 0o600 });
  const ledger = new Ledger();
  const port = await freePort();
  const recorder = started.use(await startRecorder(port, visitor, ledger));
  const issuer = `http://localhost:${recorder.port}`;
  const initialAccessToken = freshSecret();
  const [username, password] = [`somebody-${freshSecret().toLowerCase()}`, freshSecret()];

  const printed: Place[] = [];
  const env: Env = {
    DACAPO_DATA_DIR: dataDir,
    DACAPO_MASTER_KEY_FILE: keyFile,
    DACAPO_INITIAL_ACCESS_TOKEN: initialAccessToken,
    DACAPO_ISSUER: issuer,
    DACAPO_PORT: String(port),
    DACAPO_TRUST_PROXY: "127.0.0.1",
    DACAPO_MCP: "yes",
    DACAPO_RATE_LIMIT: "off",
    DACAPO_LOG_LEVEL: "trace",
    ...engines,
  };
  ledger.secret("master key", masterKey.slice(2));
  ledger.secret("bytes of the master key", Buffer.from(masterKey.slice(2), "base64url"));
  ledger.secret("initial access token", initialAccessToken);
  ledger.secret("username", username, pages);
  ledger.secret("password", password);
  ledger.secret("address", visitor["x-forwarded-for"]);
  ledger.secret("agent", visitor["user-agent"].split("/")[0]);
  for (const [name, url] of Object.entries(engines))
    ledger.secret(`password in ${name}`, URL.parse(url)?.password);

  async function cli(args: readonly string[], input = "", more: Env = {}): Promise<CliResult> {
    const result = await runCli(args, { input, env: { ...env, ...more } });
    ledger.output(`dacapo ${args.join(" ")}`, result.stdout);
    printed.push({ name: `errors of dacapo ${args.join(" ")}`, bytes: Buffer.from(result.stderr) });
    return result;
  }
  await onData(env, ({ context }) =>
    createUser(context, { username, password, scopes: ["read", "write"] }, operator),
  );
  const server = started.use(
    new DacapoProcess({ name: "server", args: ["serve"], ready: /Health {4}http/, env }),
  );
  await server.start();
  const chosen = freshSecret() + freshSecret();
  ledger.secret("chosen client secret", chosen);
  const created = await cli(
    [
      ...["client", "create", "--name", "Machine", "--type", "confidential", "--json"],
      ...["--secret-stdin", "--token-format", "opaque", "--scopes", "read,write,admin"],
    ],
    `${chosen}\n`,
  );
  const machine = { id: factsOf(created).client_id ?? "", secret: chosen };
  const known = { issuer, port, ledger, initialAccessToken, username, password, machine };
  const keep = (name: string) => void printed.push({ name, bytes: Buffer.from(server.output()) });

  const all = started.move();
  return {
    ...{ ledger, dataDir, cli, machine, walk: new Walk(known) },
    async crash() {
      await server.kill();
      keep("output before the crash");
      const left = filesUnder(dataDir);
      await server.start();
      return left.map(({ name, bytes }) => ({ name: `${name} after the crash`, bytes }));
    },
    async end() {
      await server.stop();
      keep("output");
      const log = await onData(env, async (runtime) => {
        const before = await eventsOf(runtime.store);
        for (const d of privateKeysIn(before.events, runtime)) ledger.secret("private signing key", d);
        await retainLater(env, runtime);
        const after = await eventsOf(runtime.store);
        return [before.place, { ...after.place, name: "the log after retention" }];
      });
      return [...printed, ...log, ...filesUnder(dataDir)];
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
