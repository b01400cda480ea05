import { takes } from "../../infrastructure/config/fields.ts";
import { demoDefaults } from "../../infrastructure/config/load.ts";
import { environmentName, settingsIn, snake } from "../../infrastructure/config/names.ts";
import { type GroupName, groups, type SettingName, settings } from "../../infrastructure/config/schema.ts";
import { allSettings, flagOf } from "./options.ts";

const introduction = `# Configuration

This page is what \`dacapo config docs\` prints. \`dacapo config check\` reads a configuration as \`dacapo serve\` would,
names all that is wrong with it and what is unsafe in production, and starts nothing
(\`--strict\`: exit code 3 where something is unsafe; \`--json\`).

Every server needs a master key, which encrypts its signing keys and personal data. It is made once, and kept apart from the
data and its backups:

\`\`\`bash
(umask 077 && dacapo keys generate-master > master.key)
\`\`\`

Here the proxy that speaks TLS for \`api.example.com\` runs on the same machine: \`trustProxy\` names it, so that rate limits
and \`allowNetworks\` see the client and not the proxy. What comes from elsewhere than those networks is answered by 403, also
what comes from this machine past the proxy. \`dacapo\` is the command of the installed package; in a clone it is
\`npm run -s dacapo --\`, so \`npm run -s dacapo -- serve …\`. The same settings by flags:

\`\`\`bash
dacapo serve --master-key-file master.key --issuer https://api.example.com --trust-proxy 127.0.0.1 \\
  --access-token-expire-minutes 30 --allow-public-clients no --session-ttl-minutes 15 --same-site strict \\
  --allow-networks 192.168.1.0/24,2001:db8::/32 --erasure-list erasures.ndjson
\`\`\`

by the environment:

\`\`\`bash
export DACAPO_MASTER_KEY_FILE=master.key DACAPO_ISSUER=https://api.example.com DACAPO_TRUST_PROXY=127.0.0.1
export DACAPO_ACCESS_TOKEN_EXPIRE_MINUTES=30 DACAPO_ALLOW_PUBLIC_CLIENTS=no
export DACAPO_SESSION_TTL_MINUTES=15 DACAPO_SAME_SITE=strict
export DACAPO_ALLOW_NETWORKS=192.168.1.0/24,2001:db8::/32 DACAPO_ERASURE_LIST=erasures.ndjson
dacapo serve
\`\`\`

by a JSON file, \`dacapo serve --config dacapo.json\` (or \`DACAPO_CONFIG=dacapo.json\`, which every command heeds):

\`\`\`json
{
  "oauth": {
    "issuer": "https://api.example.com",
    "accessTokenExpireMinutes": 30,
    "allowPublicClients": false
  },
  "session": { "sessionTtlMinutes": 15, "sameSite": "strict" },
  "network": { "allowNetworks": ["192.168.1.0/24", "2001:db8::/32"], "trustProxy": ["127.0.0.1"] },
  "storage": { "masterKeyFile": "master.key", "erasureList": "erasures.ndjson" }
}
\`\`\`

and in code, which starts the same server in your own process; here by the names of the guide. As \`server.mts\` it runs by
\`node server.mts\` where the package is installed, and by \`node --conditions=dacapo-source server.mts\` in the folder of a
clone:

\`\`\`typescript
import { type IPWhitelist, type OAuth2Config, type SessionConfig, startDacapo } from "dacapo";

const oauth2_config: OAuth2Config = {
  issuer: "https://api.example.com",
  access_token_expire_minutes: 30,
  allow_public_clients: false,
};
const session_config: SessionConfig = { session_ttl_minutes: 15, same_site: "strict" };
const whitelist: IPWhitelist = ["192.168.1.0/24", "2001:db8::/32"];

const dacapo = await startDacapo({
  master_key_file: "master.key",
  erasure_list: "erasures.ndjson",
  trust_proxy: ["127.0.0.1"],
  oauth2_config,
  session_config,
  whitelist,
});
process.once("SIGINT", () => dacapo.close());
console.log(\`\${dacapo.issuer} is served at \${dacapo.url}\`);
\`\`\`

- **A flag wins over the environment, that over the file, that over the default.** \`startDacapo\` reads none of them: its
  argument is all. A variable that is empty says nothing.
- In the file and in code a setting stands at the top level or in its group (\`oauth\`, \`session\`, \`network\`, \`server\`,
  \`storage\`), in camelCase or in snake_case. \`base_url\` is the issuer, \`whitelist\` is \`allow_networks\`, \`oauth2_config\` is
  \`oauth\`, \`session_config\` is \`session\`. The guide's classes are taken too: \`OAuth2Config\`, \`SessionConfig\` and
  \`IPWhitelist\` by their names, and \`RemoteMCPConfig\` around all that is in it. Given twice in one source with two values,
  or in another group than its own, a setting is refused.
- Names that there are not are refused, variables that begin with \`DACAPO_\` too. Left alone are \`DACAPO_TEST_…\`,
  \`DACAPO_FAULTS\`, \`DACAPO_FUZZ_SECONDS\` and \`DACAPO_SEED\`, which are for this project's tests, and the variables that
  Kubernetes makes of a service named \`dacapo…\`.
- A list is JSON in the file, and one text with commas between the entries in a flag or a variable. One that holds
  nothing but blanks is refused; \`[]\` says that there are none. Yes, no and names are taken in capital letters too.
- Secrets are never shown in an error. Keys have no flag, as everybody on a machine sees the arguments of its processes;
  for the same reason a URL with a password belongs in the environment or the file.`;

const titles: Readonly<Record<GroupName, string>> = {
  oauth: "`oauth`: tokens and clients (OAuth2Config)",
  session: "`session`: who is signed in (SessionConfig)",
  network: "`network`: who may connect (IPWhitelist; of RemoteMCPConfig, cors_origins)",
  server: "`server`: what is served, and where (of RemoteMCPConfig, host and port)",
  storage: "`storage`: log, read models and keys (of RemoteMCPConfig, redis_url)",
};

/** What the guide has, by its own names. */
const inGuide: Partial<Record<SettingName, string>> = {
  ...Object.fromEntries(
    (
      [
        "accessTokenExpireMinutes",
        "refreshTokenExpireDays",
        "requirePkce",
        "allowPublicClients",
        "supportedScopes",
        "sessionTtlMinutes",
        "maxSessionsPerUser",
        "enableSlidingExpiration",
        "secureCookie",
        "sameSite",
        "corsOrigins",
        "redisUrl",
      ] satisfies SettingName[]
    ).map((name) => [name, snake(name)]),
  ),
  issuer: "issuer, base_url",
  allowNetworks: "IPWhitelist([…])",
};

const code = (text: string): string => `\`${text.replaceAll("|", "\\|")}\``;

/** Text in a cell of a table, as it is. */
const cell = (text: string): string => text.replaceAll(/[[\]<|]/g, "\\$&");

function value(given: unknown): string {
  if (given === undefined) return "unset";
  if (typeof given === "boolean") return given ? "yes" : "no";
  if (!Array.isArray(given)) return String(given);
  const names = given.map((entry) => (typeof entry === "string" ? entry : entry.name));
  return names.length === 0 ? "none" : names.join(", ");
}

function row(name: SettingName): readonly string[] {
  const ours = inGuide[name] === undefined ? "" : `<br>guide: ${code(inGuide[name] ?? "")}`;
  const flag = allSettings.includes(name) ? code(flagOf(name)) : "no flag";
  const inDemo = { ...demoDefaults, registration: "open on loopback" };
  const demo = Object.entries(inDemo).find(([other]) => other === name);
  const usual = value(settings[name].safeParse(undefined).data);
  return [
    `${code(name)}${ours}`,
    `${flag}<br>${code(environmentName(name))}`,
    cell(takes(settings[name])),
    `${cell(usual)}${demo ? `<br>demo: ${cell(value(demo[1]))}` : ""}`,
    cell(settings[name].description ?? ""),
  ];
}

/** A table whose columns are as wide as what is in them, as the formatter has it. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((_, column) =>
    Math.max(...[titles, ...rows].map((cells) => cells[column]?.length ?? 0)),
  );
  const rule = widths.map((width) => "-".repeat(width));
  return [titles, rule, ...rows]
    .map((cells) => `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`)
    .join("\n");
}

const columns = ["in file and code", "flag and environment", "takes", "default", "what it is"];

const section = (group: GroupName): string =>
  `## ${titles[group]}\n\n${table(columns, settingsIn(group).map(row))}`;

/** The page of all settings, in Markdown. */
export const referenceText = (): string =>
  [introduction, ...(Object.keys(groups) as GroupName[]).map(section)].join("\n\n");
