import type { RedeemCode, Refresh } from "../../../domain/grant/commands.ts";
import { grantDecider } from "../../../domain/grant/decide.ts";
import { isRefusal } from "../../../domain/oauth/refusal.ts";
import type { GrantDecider, Rules } from "./steps.ts";

type Decide = GrantDecider["decide"];

const mutant = (decide: Decide): Rules => ({ decider: { ...grantDecider, decide }, checksRevision: true });

/** Changes every redemption and refresh before the real rules see it. */
const misreading = (misread: <C extends RedeemCode | Refresh>(command: C) => C): Rules =>
  mutant((command, grant, revision) =>
    grantDecider.decide("policy" in command ? misread(command) : command, grant, revision),
  );

/** Refuses a reuse, but lets the family live. */
export const forgivesReuse = mutant((command, grant, revision) => {
  const decision = grantDecider.decide(command, grant, revision);
  const isReuse = decision.events.some(({ type }) => type === "grant.refresh_token.reused");
  return isReuse ? { ...decision, events: [] } : decision;
});

/** Answers a repeat with a successor of its own. */
export const branchesOnRepeat = mutant((command, grant, revision) => {
  const decision = grantDecider.decide(command, grant, revision);
  if (isRefusal(decision.answer) || !("accessToken" in decision.answer)) return decision;
  if (decision.answer.refreshToken !== "same_successor" || command.type !== "refresh") return decision;
  const { refreshToken, spent } = decision.answer.grant;
  if (!refreshToken || !spent) return decision;
  const rewound = { ...decision.answer.grant, refreshToken: { ...refreshToken, revision: spent.revision } };
  return grantDecider.decide(command, rewound, revision);
});

/** Hands out a successor, but goes on knowing its predecessor. */
export const keepsThePredecessor = mutant((command, grant, revision) => {
  const decision = grantDecider.decide(command, grant, revision);
  const events = decision.events.map((event) =>
    event.type === "grant.refresh_token.rotated" && grant?.status === "active"
      ? {
          ...event,
          data: { ...event.data, grant: { ...event.data.grant, refreshToken: grant.refreshToken } },
        }
      : event,
  );
  return { ...decision, events };
});

/** Forgets that the code was used. */
export const redeemsAgain = mutant((command, grant, revision) =>
  grantDecider.decide(
    command,
    command.type === "redeem_code" ? command.presented.issuedBy?.data.grant : grant,
    revision,
  ),
);

/** Takes a token from any client. */
export const trustsEveryClient = misreading((command) => ({ ...command, clientId: "app" }));

/** Issues what was granted once, whatever was taken from the user since. */
export const forgetsStanding = misreading((command) => ({
  ...command,
  standing: command.standing && { ...command.standing, user: null },
}));

/** Never lets the grace window pass. */
export const waitsForEver = misreading((command) => ({
  ...command,
  policy: { ...command.policy, graceWindow: Number.POSITIVE_INFINITY },
}));

/** Ends the family for a token that it never issued. */
export const fallsForForgery = mutant((command, grant, revision) =>
  command.type === "refresh" && command.presented.hash === "forged" && command.clientId === grant?.clientId
    ? grantDecider.decide(
        { ...command, type: "revoke", presented: undefined, reason: "refresh_token_reused" },
        grant,
        revision,
      )
    : grantDecider.decide(command, grant, revision),
);

/** The real rules, but the store appends whatever revision was expected. */
export const losesRaces: Rules = { decider: grantDecider, checksRevision: false };
