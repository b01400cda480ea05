import type { ActiveGrant } from "../../../../domain/grant/grant.ts";
import { nameOf } from "../../reason.ts";
import { anomaly, type Detector } from "./detector.ts";

/** A spent refresh token came back outside the grace window (OAuth 2.1 §4.3.1). The decider has judged; it is told here. */
export const refreshTokenReused: Detector = (observed) => {
  const { stream } = observed.stored;
  const { grant, revision } = observed.event.data as {
    readonly grant: ActiveGrant;
    readonly revision: number;
  };
  const { clientId, grantId, spent, refreshToken } = grant;
  // Which event spent it is told only of the newest that was.
  const spentAt = spent?.revision === revision && refreshToken ? [refreshToken.revision] : [];
  return [
    anomaly("refresh_token_reused", observed, {
      subject: grantId,
      explanation: `Refresh token ${revision} of client ${clientId} was spent and came back: it is in two hands, or the client keeps old tokens. The grant was revoked.`,
      before: [revision, ...spentAt].map((at) => nameOf({ stream, revision: at })),
    }),
  ];
};

/** An authorization code was redeemed twice (OAuth 2.1 §4.1.3). */
export const codeReplayed: Detector = (observed) => {
  const { stream } = observed.stored;
  const { clientId, grantId } = (observed.event.data as { readonly grant: ActiveGrant }).grant;
  return [
    anomaly("code_replayed", observed, {
      subject: grantId,
      explanation: `The authorization code of client ${clientId} was redeemed and came a second time: it is in two hands, or the client sends its requests twice. The grant was revoked.`,
      // A grant begins with its code, and can but end before the code is redeemed.
      before: [0, 1].map((at) => nameOf({ stream, revision: at })),
    }),
  ];
};
