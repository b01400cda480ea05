import { type Command, InvalidArgumentError, Option } from "commander";
import type { ImportOptions } from "../../../application/commands/import/entry.ts";
import { importAll } from "../../../application/commands/import/import-all.ts";
import type { Context } from "../../../application/context.ts";
import type { Scope } from "../../../domain/oauth/scope.ts";
import { hasLog } from "../../engines.ts";
import { CommandError } from "../command-error.ts";
import { addSettings, configOf, dataSettings, scopeList } from "../options.ts";
import { operator, withContext, withRuntime } from "../run.ts";
import { dacapo } from "./dacapo.ts";
import type { Format } from "./format.ts";
import { hydra } from "./hydra.ts";
import { keycloak } from "./keycloak/index.ts";
import { oidcProvider } from "./oidc-provider.ts";
import { openInput } from "./read-input.ts";
import { createReport } from "./report.ts";

const formats: Readonly<Record<string, Format>> = {
  keycloak,
  hydra,
  "oidc-provider": oidcProvider,
  dacapo,
};

interface ImportFlags {
  readonly from: string;
  readonly dryRun?: boolean;
  readonly newSecrets?: boolean;
  readonly scopes?: string[];
  readonly userScopes: string[];
  readonly role: ReadonlyMap<string, Scope>;
  readonly json?: boolean;
}

/** `editor=read,write`, added to those before. */
function roleOption(text: string, before: ReadonlyMap<string, Scope>): ReadonlyMap<string, Scope> {
  const [, role, scopes] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (role === undefined || scopes === undefined)
    throw new InvalidArgumentError("It must be a role and its scopes, such as editor=read,write.");
  return new Map([...before, [role, scopeList(scopes)]]);
}

/** What is to be given must exist, or nobody would get it. */
function checkScopes({ policy }: Pick<Context, "policy">, { scopes = [], userScopes, role }: ImportFlags) {
  const known = policy.scopes.map(({ name }) => name);
  const unknown = [...scopes, ...userScopes, ...[...role.values()].flat()].find(
    (scope) => !known.includes(scope),
  );
  if (unknown !== undefined)
    throw new CommandError(`There is no scope ${unknown}; there are ${known.join(", ")}.`);
}

async function run(context: Context, file: string, flags: ImportFlags): Promise<void> {
  checkScopes(context, flags);
  const read = formats[flags.from];
  if (!read) throw new CommandError(`There is no format ${flags.from}.`);
  const options: ImportOptions = {
    isDryRun: flags.dryRun === true,
    makesSecrets: flags.newSecrets === true,
    clientScopes: flags.scopes,
    userScopes: flags.userScopes,
  };
  const report = createReport(options.isDryRun, flags.json === true);
  const entries = read(openInput(file), { roles: flags.role });
  for await (const outcome of importAll(context, entries, options, operator())) report.add(outcome);
  if (report.finish().refused > 0) process.exitCode = 1;
}

/** Looks at what is there, and makes nothing: where there is no log yet, one in memory is looked at, under no key of yours. */
const withoutTrace = (command: Command, work: (context: Context) => Promise<void>): Promise<void> =>
  withRuntime(command, ({ context }) => work(context), {
    projects: false,
    ...(hasLog(configOf(command)) ? {} : { extra: { ephemeral: true, demo: true } }),
  });

/** dacapo import: clients and users of another authorization server. */
export function addImportCommand(program: Command): void {
  addSettings(
    program
      .command("import <file>")
      .description(
        "take over clients and users of another authorization server; - reads standard input. What is there already is left as it is",
      )
      .addOption(
        new Option("--from <product>", "what wrote the file")
          .choices(Object.keys(formats))
          .makeOptionMandatory(),
      )
      .option("--dry-run", "tell what would happen, and do nothing")
      .option(
        "--new-secrets",
        "make a secret for a client whose own cannot be taken over; it is shown this once",
      )
      .option("--scopes <scopes>", "what a client gets of whose scopes none exists here", scopeList)
      .option("--user-scopes <scopes>", "what a user may grant of whom the file says nothing", scopeList, [
        "read",
      ])
      .option(
        "--role <role=scopes>",
        "what a role lets its users grant; may be repeated",
        roleOption,
        new Map(),
      )
      .option("--json", "print JSON lines"),
    [...dataSettings, "supportedScopes"],
  ).action((file: string, flags: ImportFlags, command: Command) => {
    const open = flags.dryRun ? withoutTrace : withContext;
    return open(command, (context) => run(context, file, flags));
  });
}
