import type { Session } from "../../../../domain/session/session.ts";
import { nameOf } from "../../reason.ts";
import { anomaly, type Detector } from "./detector.ts";

/** Where a session was used, the newest last, and the event that told so. */
interface Known {
  readonly vicinities: readonly string[];
  readonly event: string;
}

/**
 * How many vicinities of a session are remembered: a telephone goes to and fro between the networks of a home, an office
 * and a mobile provider, each perhaps by IPv4 and by IPv6.
 */
const maxKnown = 6;

const keyOf = ({ sessionId }: Session): string => `session:${sessionId}`;

const sessionIn = (data: unknown): Session => (data as { readonly session: Session }).session;

/** One session in a vicinity (a /16 of IPv4, a /32 of IPv6) where it was never seen: its cookie or id may have been stolen. */
const used: Detector = (observed, recall) => {
  const { network, stored, event } = observed;
  if (!network) return [];
  const session = sessionIn(event.data);
  const remembered = recall.get(keyOf(session));
  const known: Known | undefined = remembered === undefined ? undefined : JSON.parse(remembered);
  const [vicinity = ""] = network.vicinities;
  const others = known?.vicinities.filter((other) => !network.vicinities.includes(other)) ?? [];
  const isNew = others.length === known?.vicinities.length;
  const now: Known = { vicinities: [...others, vicinity].slice(-maxKnown), event: nameOf(stored) };
  recall.set(keyOf(session), JSON.stringify(now), session.userId);
  if (!known || !isNew) return [];
  return [
    anomaly("session_moved", observed, {
      subject: session.sessionId,
      explanation: `One ${session.kind === "browser" ? "browser" : "MCP"} session came from a network far from ${others.length === 1 ? "the one" : `the ${others.length}`} where it was used before: its holder travels or uses a VPN, or somebody else has its secret.`,
      before: [known.event],
    }),
  ];
};

export const sessionDetectors: Readonly<Record<string, Detector>> = {
  "session.started": used,
  "session.slid": used,
  "session.ended": ({ event }, recall) => {
    recall.forget(keyOf(sessionIn(event.data)));
    return [];
  },
};
