import { type Command, InvalidArgumentError } from "commander";
import type { Subject } from "../../../application/audit/timeline.ts";
import { findReservation } from "../../../application/queries/users.ts";
import { CommandError } from "../command-error.ts";
import { readSecret } from "../secret-input.ts";
import type { Audit } from "./with-audit.ts";

/** Reads a token from standard input or a prompt; everybody on the machine sees the arguments of a process. */
export async function readToken(dash: unknown): Promise<string> {
  if (dash !== "-")
    throw new InvalidArgumentError('A token is a secret: use "--token -" and standard input.');
  return (await readSecret("Token", { confirm: false })).trim();
}

/** The id of a user who is named by id or by username. @throws {CommandError} */
export async function userIdOf({ secrets, log }: Audit, name: string): Promise<string> {
  if (/^u_[A-Za-z0-9_-]{22}$/.test(name)) return name;
  const found = await findReservation({ secrets, log }, name);
  if (!found)
    throw new CommandError(
      "The log knows no user of this name; a person who was erased is found by id only.",
    );
  return found.reservation.userId;
}

const kinds = ["grant", "client", "session", "key", "request", "event"] as const;

/** Adds the options that say what a question is about. */
export const addSubjectOptions = (command: Command): Command =>
  command
    .option("--token <dash>", 'an access or refresh token: "-" reads it from standard input or a prompt')
    .option("--hash <sha256>", "the SHA-256 of a token, as base64url or hexadecimal")
    .option("--grant <id>", "a grant (token family)")
    .option("--user <name>", "a user, by name or id")
    .option("--client <id>", "a client")
    .option("--session <id>", "a session")
    .option("--key <kid>", "a signing key")
    .option("--address <ip>", "an address, or a block such as 203.0.113.0/24")
    .option("--request <id>", "a request, by the id that is in its log lines and error replies")
    .option(
      "--event <id>",
      "one event, by its id, position or stream@revision, with what led to it and what it led to",
    );

type Options = Readonly<Partial<Record<string, string>>>;

/** What the options name. @throws {InvalidArgumentError} unless it is one thing */
export async function subjectOf(audit: Audit, options: Options): Promise<Subject> {
  const named = ["token", "hash", "user", "address", ...kinds].filter((name) => options[name] !== undefined);
  if (named.length !== 1)
    throw new InvalidArgumentError(
      "Name one of --token -, --hash, --grant, --user, --client, --session, --key, --address, --request, --event.",
    );
  const { token, hash, user, address } = options;
  if (token !== undefined) return { by: "token", token: await readToken(token) };
  if (hash !== undefined) return { by: "hash", hash };
  if (user !== undefined) return { by: "user", id: await userIdOf(audit, user) };
  if (address !== undefined) return { by: "address", address };
  const [by] = kinds.filter((kind) => options[kind] !== undefined);
  return { by: by ?? "event", id: options[by ?? "event"] ?? "" };
}
