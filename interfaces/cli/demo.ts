import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import {
  createResource,
  newResourceCredentials,
  rotateResourceSecret,
} from "../../application/commands/manage-resources.ts";
import { createUser, type NewUser, setPassword } from "../../application/commands/manage-users.ts";
import { newClientId, registerClient } from "../../application/commands/register-client.ts";
import type { Context } from "../../application/context.ts";
import { ref } from "../../application/documents.ts";
import { RefusedError } from "../../application/errors.ts";
import { findUser } from "../../application/queries/users.ts";
import { standardCapabilities } from "../../domain/client/metadata.ts";
import { generatedSecret } from "../../domain/oauth/secret.ts";
import type { Config } from "../../infrastructure/config/schema.ts";

const people = {
  alice: ["read", "write"],
  bob: ["read"],
  admin: ["read", "write", "admin"],
} as const;

const redirectUris = ["http://localhost:3000/callback", "http://localhost:8080/callback"];
const wellKnownPassword = "password";

/** What the banner shows and only the owner of the data may read. */
const notes = z.object({
  clientId: z.string(),
  clientSecret: z.string().nullable(),
  resources: z.record(z.string(), z.object({ id: z.string(), secret: z.string() })),
  passwords: z.record(z.string(), z.string()),
});

export type DemoNotes = z.output<typeof notes>;

/** Each thing that is made is a request of its own. */
const byOperator = () => ({ actor: "operator", correlationId: randomUUID() });

const fileOf = ({ dataDir }: Config): string => join(dataDir, "demo.json");

function readNotes(config: Config): DemoNotes | undefined {
  if (config.ephemeral || !existsSync(fileOf(config))) return undefined;
  return notes.parse(JSON.parse(readFileSync(fileOf(config), "utf8")));
}

/** Written before what it names is created, so that a start that was cut short is completed by the next. */
function keepNotes(config: Config, demo: DemoNotes): void {
  if (config.ephemeral) return;
  const draft = `${fileOf(config)}.new`;
  writeFileSync(draft, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, fileOf(config));
}

async function ensureUsers(context: Context, config: Config, demo: DemoNotes): Promise<void> {
  const mayBeWellKnown = config.isLocal || config.demoOnNetwork;
  for (const [username, scopes] of Object.entries(people)) {
    const kept = demo.passwords[username];
    // What nobody kept may be the well-known one: what the banner says must be what opens.
    const isKept = kept !== undefined && (kept !== wellKnownPassword || mayBeWellKnown);
    const fresh = mayBeWellKnown ? wellKnownPassword : randomBytes(12).toString("base64url");
    const password = isKept ? kept : fresh;
    const user = await findUser(context, username);
    if (user && !isKept) await setPassword(context, user.userId, password, byOperator());
    demo.passwords[username] = password;
    keepNotes(config, demo);
    if (user || (await isMade(context, { username, password, scopes }))) continue;
    delete demo.passwords[username];
    keepNotes(config, demo);
  }
}

/** A person who was erased is not made again. */
async function isMade(context: Context, user: NewUser): Promise<boolean> {
  try {
    await createUser(context, user, byOperator());
    return true;
  } catch (error) {
    if (error instanceof RefusedError) return false;
    throw error;
  }
}

async function ensureClient(context: Context, demo: DemoNotes): Promise<void> {
  const [existing] = await context.documents.load([ref.client(demo.clientId)]);
  if (existing) return;
  const { clientId, clientSecret } = demo;
  const capabilities = standardCapabilities[clientSecret === null ? "public" : "confidential"];
  await registerClient(context, {
    request: { name: "Demo client", redirectUris, scope: "read write admin", ...capabilities },
    origin: "operator",
    isSelfManaged: false,
    credentials: {
      id: clientId,
      ...(clientSecret === null ? {} : { secret: generatedSecret(clientSecret) }),
    },
    metadata: byOperator(),
  });
}

async function ensureResource(context: Context, credentials: { id: string; secret: string }, uri: string) {
  const [existing] = await context.documents.load([ref.resource(credentials.id)]);
  if (existing) return;
  const scopes = Object.values(people).at(-1) ?? [];
  await createResource(
    context,
    { uri, name: "Music analysis MCP server", scopes, isDefault: true, credentials },
    byOperator(),
  );
}

/** The resource of this URI that is there already although nobody kept its secret: it gets a new one. */
async function takenOver(context: Context, uri: string): Promise<{ id: string; secret: string } | undefined> {
  const [known] = await context.documents.find(ref.resource, ["uri", uri]);
  if (!known) return undefined;
  const { secret } = await rotateResourceSecret(context, known.resourceId, 0, byOperator());
  return { id: known.resourceId, secret };
}

/** The users, client and protected resource of the guide, created where they are not there yet. */
export async function demoOf(context: Context, config: Config): Promise<DemoNotes> {
  const uri = `${config.issuer}/mcp`;
  const demo = readNotes(config) ?? {
    clientId: newClientId(context),
    clientSecret: config.allowPublicClients ? null : context.secrets.random(),
    resources: {},
    passwords: {},
  };
  const credentials =
    demo.resources[uri] ?? (await takenOver(context, uri)) ?? newResourceCredentials(context);
  demo.resources[uri] = credentials;
  keepNotes(config, demo);
  await ensureUsers(context, config, demo);
  await ensureClient(context, demo);
  await ensureResource(context, credentials, uri);
  return demo;
}

/** What a person needs to try the demo. */
export function demoBanner(demo: DemoNotes, { issuer }: Config): string {
  const resource = demo.resources[`${issuer}/mcp`];
  const users = Object.entries(people).flatMap(([name, scopes]) => {
    const password = demo.passwords[name];
    return password === undefined ? [] : [`  ${name.padEnd(6)} / ${password}   (${scopes.join(" ")})`];
  });
  return [
    "Demo users:",
    ...users,
    `Client ID: ${demo.clientId}`,
    ...(demo.clientSecret === null ? [] : [`Client secret: ${demo.clientSecret}`]),
    `Redirect URIs: ${redirectUris.join(" ")}`,
    `Introspection ID: ${resource?.id}`,
    `Introspection secret: ${resource?.secret}`,
  ].join("\n");
}
