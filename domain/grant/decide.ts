import { accept, type Decider } from "../decider.ts";
import { close } from "./close.ts";
import type {
  Authorize,
  GrantAnswer,
  GrantCommand,
  GrantDecision,
  IssueClientCredentials,
} from "./commands.ts";
import { type ActiveGrant, evolve, type GrantEvent, type GrantState, unsignedAccessToken } from "./grant.ts";
import { nothingIssued, refuse } from "./issue.ts";
import { redeem } from "./redeem.ts";
import { refresh } from "./refresh.ts";
import { revoke, revokeAccessToken } from "./revoke.ts";

/** Starts a grant with its authorization code (RFC 6749 §4.1.2). */
function authorize({ terms, code }: Authorize, grant: GrantState): GrantDecision {
  if (grant) return refuse("invalid_request", "The grant exists already");
  return accept([{ type: "grant.authorized", data: { grant: { status: "pending", ...terms, code } } }], {
    done: true,
  });
}

/** One access token for the client itself (RFC 6749 §4.4); the grant ends with it. */
function issueClientCredentials({ terms, now }: IssueClientCredentials, grant: GrantState): GrantDecision {
  if (grant) return refuse("invalid_request", "The grant exists already");
  const { scope, audience, expiresAt } = terms;
  const accessToken = unsignedAccessToken({ revision: 0, scope, audience, issuedAt: now, expiresAt });
  const issued: ActiveGrant = {
    status: "active",
    ...terms,
    ...nothingIssued,
    lastsUntil: expiresAt,
  };
  return accept([{ type: "grant.client_credentials.issued", data: { accessToken, grant: issued } }], {
    grant: issued,
    accessToken,
    refreshToken: "none",
  });
}

/** The rules of a token family. */
export const grantDecider: Decider<GrantState, GrantCommand, GrantEvent, GrantAnswer> = {
  initialState: undefined,
  evolve,
  decide(command, grant, revision) {
    switch (command.type) {
      case "authorize":
        return authorize(command, grant);
      case "issue_client_credentials":
        return issueClientCredentials(command, grant);
      case "redeem_code":
        return redeem(command, grant, revision);
      case "refresh":
        return refresh(command, grant, revision);
      case "revoke_access_token":
        return revokeAccessToken(command, grant);
      case "revoke":
        return revoke(command, grant);
      case "close":
        return close(command, grant);
    }
  },
};
