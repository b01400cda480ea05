import { type Command, InvalidArgumentError } from "commander";
import type { Context } from "../../../application/context.ts";
import type { StoredEvent } from "../../../application/ports/event-store.ts";
import { streams } from "../../../application/streams.ts";
import type { Grant } from "../../../domain/grant/grant.ts";
import { parseJti, parseRefreshToken } from "../../../domain/oauth/token-forms.ts";
import { CommandError } from "../command-error.ts";
import { addSettings, dataSettings } from "../options.ts";
import { printRows, withContext } from "../run.ts";
import { readSecret } from "../secret-input.ts";

/** More events than one token family is shown with. */
const maxEvents = 1_000;

/** The grant that a token belongs to, of whatever kind the token is. */
function grantIdOf({ tokens }: Context, token: string): string {
  const refresh = parseRefreshToken(token);
  if (refresh) return refresh.grantId;
  const claims = tokens.open(token) ?? tokens.decodeJwt(token);
  const id = claims && parseJti(claims.jti);
  if (!id) throw new InvalidArgumentError("This is no token of this server, or not the whole of it.");
  return id.grantId;
}

/** What an event says beside its type, in a few words. */
function detailsOf({ data }: StoredEvent): string {
  const { grant, accessToken } = data as {
    grant: Grant;
    accessToken?: { scope: string[]; expiresAt: number };
  };
  if (grant.status === "ended") return `reason ${grant.reason}`;
  if (accessToken)
    return `scope ${accessToken.scope.join(" ")}, until ${new Date(accessToken.expiresAt).toISOString()}`;
  return `client ${grant.clientId}`;
}

/** dacapo audit timeline: the events of one token family, as they stand in the log. */
export function addTimelineCommand(audit: Command): void {
  addSettings(
    audit.command("timeline").description("the events of a token family, oldest first"),
    dataSettings,
  )
    .option("--token <dash>", 'a token of the family: "-" reads it from standard input or a prompt')
    .option("--grant <id>", "the id of the grant")
    .option("--json", "print the stored events as JSON lines")
    .action(({ token, grant, json }, command: Command) =>
      withContext(command, async (context) => {
        if (token !== undefined && token !== "-")
          throw new InvalidArgumentError('A token is a secret: use "--token -" and standard input.');
        if ((token === undefined) === (grant === undefined))
          throw new InvalidArgumentError("Name either --token - or --grant ID.");
        const grantId = grant ?? grantIdOf(context, (await readSecret("Token", { confirm: false })).trim());
        const events = await context.log.recent(streams.grant(grantId), maxEvents);
        if (events.length === 0) throw new CommandError("The log holds no grant of this id.");
        if (json)
          return printRows(
            events.map((event) => ({ ...event, position: String(event.position) })),
            true,
          );
        printRows(
          events.map((event) => ({
            time: new Date(event.time).toISOString(),
            position: String(event.position),
            event: event.type,
            actor: event.metadata.actor,
            details: detailsOf(event),
          })),
          false,
        );
      }),
    );
}
