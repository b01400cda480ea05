import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
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

const usage = `npm run bench -- [case …] [--quick | --smoke] [--json] [--profile DIR] [--events N] [--tokens N]
  cases: ${Object.keys(cases).join(", ")}; all where none is named`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    smoke: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    profile: { type: "string" },
    events: { type: "string" },
    tokens: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

const names = positionals.length > 0 ? positionals : Object.keys(cases);
const chosen = names.flatMap((name) => cases[name] ?? []);
if (values.help || chosen.length < names.length) {
  console.error(usage);
  process.exit(values.help ? 0 : 2);
}
if (values.profile !== undefined) mkdirSync(values.profile, { recursive: true });

const usual = plans[values.smoke ? "smoke" : values.quick ? "quick" : "full"];
const plan = {
  ...usual,
  profileDir: values.profile,
  events: Number(values.events ?? usual.events),
  tokens: Number(values.tokens ?? usual.tokens),
};
const rows: Row[] = [];
for (const [index, run] of chosen.entries()) {
  console.error(`${names[index]} …`);
  rows.push(...(await run(plan)));
}
console.log(values.json ? json(rows) : table(rows));
