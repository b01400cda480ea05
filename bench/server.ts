import { pkcePair } from "../test/support/person.ts";
import { type Deployment, redirectUri } from "./deployment.ts";
import { issuing, redeeming, rotating } from "./exchanges.ts";
import { connections, load, type Target } from "./load.ts";
import type { Figures, Measure } from "./measure.ts";
import type { Peer } from "./peer.ts";
import * as peers from "./peers/protocol.ts";
import { authorizeCodes, authorizeFamilies, post } from "./tokens.ts";

/** An authorization server that is measured, ours or another. */
export interface Server {
  readonly token: Target;
  readonly introspect: Target;
  /** What a token request says beyond the grant. */
  readonly form: Readonly<Record<string, string>>;
  readonly redirectUri: string;
  families(count: number): Promise<readonly Readonly<Record<string, string>>[]>;
  codes(count: number, challenge: string): Promise<readonly string[]>;
}

/** Where to send requests, as the client or as the resource. */
const targetOf = (deployment: Deployment, path: string, as: "client" | "resource"): Target => ({
  url: `${deployment.url}${path}`,
  pid: deployment.pid,
  ...deployment[as],
});

/** Ours. */
export const serverOf = (deployment: Deployment): Server => ({
  token: targetOf(deployment, "/auth/token", "client"),
  introspect: targetOf(deployment, "/auth/introspect", "resource"),
  form: {},
  redirectUri,
  families: (count) => authorizeFamilies(deployment, count),
  codes: (count, challenge) => authorizeCodes(deployment, count, challenge),
});

/** Another one. */
export const serverOfPeer = (peer: Peer): Server => ({
  token: { url: peer.url.token, pid: peer.pid, ...peer.client },
  introspect: { url: peer.url.introspect, pid: peer.pid, ...peer.resource },
  form: peer.form,
  redirectUri: peers.redirectUri,
  families: async (count) =>
    (await peer.grants(count)).map(({ access_token, refresh_token }) => ({ access_token, refresh_token })),
  codes: (count, challenge) => peer.codes(count, challenge),
});

/** Users' access tokens, one a connection, with what their introspection says. */
export async function introspected({ families, introspect }: Server) {
  const answers = (await families(connections)).map(async ({ access_token: token = "" }) => {
    const answer = await post<{ active: boolean }>(introspect.url, introspect, { token });
    if (!answer.active) throw new Error(`${introspect.url}: a fresh access token is not active`);
    return [token, answer] as const;
  });
  return await Promise.all(answers);
}

/** Introspects the token of each connection over and over; the answer must be the same each time. */
export const introspecting =
  (target: Target, answers: readonly (readonly [token: string, answer: object])[]): Measure =>
  (seconds) =>
    load(target, { seconds }, (connection) => {
      const [token, answer] = answers[connection] ?? ["", {}];
      const expected = JSON.stringify(answer);
      return {
        body: new URLSearchParams({ token }).toString(),
        isRight: (status, body) => status === 200 && body === expected,
      };
    });

/** What is asked of each server in the same way. Where tokens are used up, each round has its own. */
export const operations = {
  async introspection(server: Server): Promise<Measure> {
    return introspecting(server.introspect, await introspected(server));
  },

  async "client credentials"({ token, form }: Server): Promise<Measure> {
    return (seconds) => load(token, { seconds }, () => issuing(form));
  },

  async refresh({ token, form, families }: Server): Promise<Measure> {
    return async (seconds): Promise<Figures> => {
      const own = await families(connections);
      return await load(token, { seconds }, (connection) =>
        rotating(own[connection]?.refresh_token ?? "", form),
      );
    };
  },

  /** As many codes as make the figure steady; to make them takes longer than to redeem them. */
  async "code exchange"({ token, form, codes, redirectUri: uri }: Server): Promise<Measure> {
    return async (seconds): Promise<Figures> => {
      const { verifier, challenge } = pkcePair();
      const requests = Math.ceil(seconds * 12) * connections;
      const own = [...(await codes(requests, challenge))];
      return await load(token, { requests }, () => redeeming(own, verifier, uri, form));
    };
  },
};
