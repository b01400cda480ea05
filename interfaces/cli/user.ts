import type { Command } from "commander";
import { eraseUser } from "../../application/commands/erase-user.ts";
import {
  createUser,
  requireUser,
  setPassword,
  setUserScopes,
  setUserStatus,
} from "../../application/commands/manage-users.ts";
import { ref } from "../../application/documents.ts";
import { findUser, usernameOf } from "../../application/queries/users.ts";
import type { User } from "../../domain/user/user.ts";
import { CommandError } from "./command-error.ts";
import { addSettings, dataSettings, scopeList } from "./options.ts";
import { erasing, operator, print, printRows, withContext, withData, withRuntime } from "./run.ts";
import { readSecret } from "./secret-input.ts";

/** Told where the engine removes by its own schedule, or could not rewrite its file just now. */
const notComplete =
  "All that this person had is dead. The data can be read no more once the store has removed the person's key: after the next scavenge of EventStoreDB, or when nobody reads the file. A job sees to it; ask again by the same command, with the user id.";

const facts = (username: string, { userId, status, scopes }: User) => ({
  username,
  user_id: userId,
  status,
  scopes,
});

/** dacapo user …: people who can sign in. */
export function addUserCommands(program: Command): void {
  const user = program.command("user").description("people who can sign in");
  const sub = (name: string, description: string) =>
    addSettings(user.command(name).description(description), dataSettings).option("--json", "print JSON");

  sub("create <username>", "create a user; the password comes from a prompt or standard input")
    .option("--scopes <scopes>", "what the user may grant, with commas between", scopeList, ["read"])
    .action((username: string, { scopes, json }, command: Command) =>
      withContext(command, async (context) => {
        const password = await readSecret("Password", { confirm: true });
        print(facts(username, await createUser(context, { username, password, scopes }, operator())), json);
      }),
    );

  sub("set-password <username>", "set a password; all sessions and tokens of the user end").action(
    (username: string, { json }, command: Command) =>
      withContext(command, async (context) => {
        const password = await readSecret("New password", { confirm: true });
        const { userId } = await requireUser(context, username);
        print(facts(username, await setPassword(context, userId, password, operator())), json);
      }),
  );

  sub(
    "scopes <username> <scopes...>",
    "set what the user may grant; tokens lose at once what is taken",
  ).action((username: string, scopes: string[], { json }, command: Command) =>
    withContext(command, async (context) => {
      const wanted = scopes.flatMap(scopeList);
      const { userId } = await requireUser(context, username);
      print(facts(username, await setUserScopes(context, userId, wanted, operator())), json);
    }),
  );

  for (const [name, description] of [
    ["disable", "end all sessions and tokens of the user, and let nobody sign in"],
    ["enable", "let the user sign in again; nothing that ended comes back"],
    ["sign-out-everywhere", "end all sessions and tokens of the user"],
  ] as const)
    sub(`${name} <username>`, description).action((username: string, { json }, command: Command) =>
      withContext(command, async (context) => {
        const type = name === "sign-out-everywhere" ? "sign_out_everywhere" : name;
        const { userId } = await requireUser(context, username);
        print(facts(username, await setUserStatus(context, userId, type, operator())), json);
      }),
    );

  sub("erase <username>", "erase a person's data for good; by user id where the name is erased already")
    .option("--yes", "yes, this cannot be undone")
    .action((username: string, { yes, json }, command: Command) =>
      withRuntime(
        command,
        async ({ context, store }, config) => {
          if (!yes) throw new CommandError("An erasure cannot be undone. Say --yes to go on.");
          const named = await findUser(context, username);
          const userId = named?.userId ?? (/^u_[\w-]{22}$/.test(username) ? username : undefined);
          if (userId === undefined)
            throw new CommandError("There is no such user. One who was erased is known by the user id only.");
          const dependencies = { ...context, store, ...erasing(config, store) };
          const state = await eraseUser(dependencies, userId, operator());
          print({ user_id: userId, erasure: state }, json);
          if (state === "requested") console.error(notComplete);
        },
        { projects: true },
      ),
    );

  sub("list", "list users").action(({ json }, command: Command) =>
    withData(command, async (context) => {
      const users = await context.documents.list(ref.user, { limit: 1_000 });
      const rows = users.map(async (known) => facts((await usernameOf(context, known)) ?? "(erased)", known));
      printRows(await Promise.all(rows), json);
    }),
  );
}
