import { mkdirSync } from "node:fs";
import { Argument, InvalidArgumentError, Option, program } from "commander";
import { appends } from "./cases/appends.ts";
import { audit } from "./cases/audit.ts";
import { introspection, introspectionOnRedis } from "./cases/introspection.ts";
import { overloaded } from "./cases/overload.ts";
import { betterAuth, oidcProvider } from "./cases/peers.ts";
import { rebuild } from "./cases/rebuild.ts";
import { liveTokens, oldFamilies, redisMemory } from "./cases/scale.ts";
import { tokenRequests } from "./cases/token-requests.ts";
import { visibility } from "./cases/visibility.ts";
import type { Row } from "./measure.ts";
import { type Plan, plans } from "./plan.ts";
import { json, table } from "./report.ts";

const cases: Readonly<Record<string, (plan: Plan) => Promise<readonly Row[]>>> = {
  introspection,
  "introspection-redis": introspectionOnRedis,
  "token-requests": tokenRequests,
  "oidc-provider": oidcProvider,
  "better-auth": betterAuth,
  "live-tokens": liveTokens,
  "old-families": oldFamilies,
  "redis-memory": redisMemory,
  overload: overloaded,
  appends,
  visibility,
  rebuild,
  audit,
};

/** A whole number from 1 on. */
function positive(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1 on.");
  return Number(text);
}

interface Options {
  readonly quick?: boolean;
  readonly smoke?: boolean;
  readonly json?: boolean;
  readonly profile?: string;
  readonly events?: number;
  readonly tokens?: number;
}

async function bench(names: readonly string[], options: Options): Promise<void> {
  const { quick, smoke, profile } = options;
  if (profile !== undefined) mkdirSync(profile, { recursive: true });
  const usual = plans[smoke ? "smoke" : quick ? "quick" : "full"];
  const plan = {
    ...usual,
    profileDir: profile,
    events: options.events ?? usual.events,
    tokens: options.tokens ?? usual.tokens,
  };
  const rows: Row[] = [];
  for (const name of names.length > 0 ? names : Object.keys(cases)) {
    console.error(`${name} …`);
    rows.push(...((await cases[name]?.(plan)) ?? []));
  }
  console.log(options.json ? json(rows) : table(rows));
}

// Folders of deployments go with this process, however it ends.
process.once("SIGINT", () => process.exit(130)).once("SIGTERM", () => process.exit(143));

await program
  .name("npm run bench --")
  .description("measures Dacapo beside others; every answer is checked")
  .addArgument(
    new Argument("[case...]", "what is measured; all where none is named").choices(Object.keys(cases)),
  )
  .option("--quick", "half a minute a case, to see which way a change goes")
  .addOption(new Option("--smoke", "a few seconds a case: whether all answers are right").conflicts("quick"))
  .option("--json", "print JSON, not a table")
  .option("--profile <dir>", "leave a CPU profile of each thread of our servers there")
  .option("--events <n>", "events of the log that audit works on (1000000)", positive)
  .option("--tokens <n>", "live tokens among which live-tokens introspects (1000000)", positive)
  .action((names: string[], options: Options) =>
    bench(names, options).catch((error: Error) => {
      console.error(error.message);
      process.exitCode = 1;
    }),
  )
  .parseAsync();
