import type { Command } from "commander";
import {
  createResource,
  rotateResourceSecret,
  setResourceStatus,
} from "../../application/commands/manage-resources.ts";
import { ref } from "../../application/documents.ts";
import type { Resource } from "../../domain/resource/resource.ts";
import { addSettings, dataSettings, overlapOption, scopeList } from "./options.ts";
import { operator, print, printRows, withContext, withData } from "./run.ts";

const facts = (resource: Resource) => ({
  introspection_id: resource.resourceId,
  uri: resource.uri,
  name: resource.name,
  status: resource.status,
  scopes: resource.scopes,
  default: resource.isDefault ? "yes" : "no",
});

/** dacapo resource …: APIs and MCP servers that tokens are for. */
export function addResourceCommands(program: Command): void {
  const resource = program.command("resource").description("APIs and MCP servers that tokens are for");
  const sub = (name: string, description: string) =>
    addSettings(resource.command(name).description(description), dataSettings).option("--json", "print JSON");

  sub("create <uri>", "register a protected resource; its introspection secret is shown this once")
    .option("--name <name>", "its name")
    .option("--scopes <scopes>", "the scopes that it knows, with commas between", scopeList, [
      "read",
      "write",
    ])
    .option("--default", "tokens asked for without a resource are for this one too")
    .action((uri: string, { name = uri, scopes, default: isDefault = false, json }, command: Command) =>
      withContext(command, async (context) => {
        const created = await createResource(context, { uri, name, scopes, isDefault }, operator());
        print({ ...facts(created.resource), introspection_secret: created.secret }, json);
      }),
    );

  sub("rotate-secret <introspection-id>", "make a new secret; the old one stays valid for the overlap")
    .addOption(overlapOption())
    .action((id: string, { overlap, json }, command: Command) =>
      withContext(command, async (context) => {
        const { secret } = await rotateResourceSecret(context, id, overlap, operator());
        print({ introspection_id: id, introspection_secret: secret }, json);
      }),
    );

  for (const [name, description] of [
    ["disable", "let it introspect nothing and issue no token for it"],
    ["enable", "let it work again"],
  ] as const)
    sub(`${name} <introspection-id>`, description).action((id: string, { json }, command: Command) =>
      withContext(command, async (context) => {
        print(facts(await setResourceStatus(context, id, name, operator())), json);
      }),
    );

  sub("list", "list protected resources").action(({ json }, command: Command) =>
    withData(command, async ({ documents }) => {
      const found = await documents.list(ref.resource, { limit: 1_000 });
      printRows(
        found.map((resource) => facts(resource)),
        json,
      );
    }),
  );
}
