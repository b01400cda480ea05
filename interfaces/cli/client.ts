import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { rotateClientSecret, setClientStatus } from "../../application/commands/manage-client.ts";
import { newClientId, registerClient } from "../../application/commands/register-client.ts";
import { ref } from "../../application/documents.ts";
import type { Client, TokenFormat } from "../../domain/client/client.ts";
import type { RegistrationRequest } from "../../domain/client/metadata.ts";
import { CommandError } from "./command-error.ts";
import { addSettings, dataSettings, overlapOption, scopeList } from "./options.ts";
import { operator, print, printRows, withContext, withData } from "./run.ts";
import { readSecret } from "./secret-input.ts";

interface CreateOptions {
  readonly name: string;
  readonly type: "public" | "confidential";
  readonly redirectUri: string[];
  readonly scopes?: string[];
  readonly tokenFormat: TokenFormat;
  readonly native?: boolean;
  readonly jwks?: string;
  readonly jwksUri?: string;
  readonly secretStdin?: boolean;
  readonly json?: boolean;
}

const facts = (client: Client) => ({
  client_id: client.clientId,
  client_name: client.name,
  client_type: client.type,
  status: client.status,
  scopes: client.scopes,
});

function readKeys(file: string): RegistrationRequest["jwks"] {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new CommandError(`The keys cannot be read from ${file}: ${(error as Error).message}`);
  }
}

function requestOf(options: CreateOptions): RegistrationRequest {
  const { redirectUri, jwks, jwksUri } = options;
  const byCode = redirectUri.length > 0 ? ["authorization_code", "refresh_token"] : [];
  const hasKeys = jwks !== undefined || jwksUri !== undefined;
  const secretMethods = hasKeys ? ["private_key_jwt"] : ["client_secret_basic", "client_secret_post"];
  return {
    name: options.name,
    redirectUris: redirectUri,
    ...(options.type === "public"
      ? { authMethods: ["none"], grantTypes: ["authorization_code", "refresh_token"] }
      : { authMethods: secretMethods, grantTypes: [...byCode, "client_credentials"] }),
    scope: options.scopes?.join(" "),
    applicationType: options.native ? "native" : "web",
    tokenFormat: options.tokenFormat,
    jwks: jwks === undefined ? undefined : readKeys(jwks),
    jwksUri,
  };
}

const collect = (value: string, before: string[]): string[] => [...before, value];

/** dacapo client …: applications that get tokens. */
export function addClientCommands(program: Command): void {
  const client = program.command("client").description("applications that get tokens");
  const sub = (name: string, description: string) =>
    addSettings(client.command(name).description(description), dataSettings).option("--json", "print JSON");

  sub("create", "register a client; its secret is shown this once")
    .requiredOption("--name <name>", "name, shown on the consent page")
    .addOption(
      new Option("--type <type>", "kind of client").choices(["public", "confidential"]).default("public"),
    )
    .option("--redirect-uri <uri>", "where codes go; may be repeated", collect, [])
    .option(
      "--scopes <scopes>",
      "what it may have, with commas between; all but admin where absent",
      scopeList,
    )
    .addOption(
      new Option("--token-format <format>", "form of its access tokens")
        .choices(["jwt", "opaque"])
        .default("jwt"),
    )
    .option("--native", "a native application: its localhost redirect may use any port")
    .option("--jwks <file>", "public keys for private_key_jwt")
    .option("--jwks-uri <uri>", "where its public keys are, for private_key_jwt")
    .option("--secret-stdin", "take the secret from a prompt or standard input instead of making one")
    .action((options: CreateOptions, command: Command) =>
      withContext(command, async (context) => {
        const chosen = options.secretStdin ? await readSecret("Client secret", { confirm: true }) : undefined;
        if (chosen !== undefined && chosen.length < 32)
          throw new CommandError("A client secret must have at least 32 characters.");
        const credentials =
          chosen === undefined
            ? {}
            : {
                credentials: {
                  id: newClientId(context),
                  secret: {
                    kind: "argon2id" as const,
                    hash: await context.clientSecrets.hash(chosen),
                    validUntil: null,
                  },
                },
              };
        const registered = await registerClient(context, {
          request: requestOf(options),
          origin: "operator",
          isSelfManaged: false,
          metadata: operator(),
          ...credentials,
        });
        const { secret } = registered;
        print(
          { ...facts(registered.client), ...(secret === null ? {} : { client_secret: secret }) },
          options.json,
        );
      }),
    );

  sub("rotate-secret <client-id>", "make a new secret; the old one stays valid for the overlap")
    .addOption(overlapOption())
    .option("--compromised", "the old secret is in wrong hands: it and every token of the client die at once")
    .action((clientId: string, { overlap, compromised = false, json }, command: Command) =>
      withContext(command, async (context) => {
        const { secret } = await rotateClientSecret(context, clientId, { overlap, compromised }, operator());
        const until = new Date(Date.now() + overlap).toISOString();
        print(
          {
            client_id: clientId,
            client_secret: secret,
            old_secret: compromised || overlap === 0 ? "no longer valid" : `valid until ${until}`,
          },
          json,
        );
      }),
    );

  for (const [name, description] of [
    ["disable", "end all tokens of the client and let it do nothing"],
    ["enable", "let the client act again; nothing that ended comes back"],
    ["delete", "end the client for ever"],
  ] as const)
    sub(`${name} <client-id>`, description).action((clientId: string, { json }, command: Command) =>
      withContext(command, async (context) => {
        print(facts(await setClientStatus(context, clientId, name, operator())), json);
      }),
    );

  sub("list", "list clients").action(({ json }, command: Command) =>
    withData(command, async ({ documents }) => {
      const found = await documents.list(ref.client, { limit: 1_000 });
      printRows(
        found.map((client) => facts(client)),
        json,
      );
    }),
  );
}
