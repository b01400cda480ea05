import fc from "fast-check";
import { terms, verifier } from "./grant-events.ts";

/** Something that happens to a grant; `pick` chooses among the tokens that were issued, the newest first. */
export type Happening =
  | { readonly kind: "redeem"; readonly clientId: string; readonly verifier: string }
  | {
      readonly kind: "refresh";
      readonly pick: number;
      readonly forged: boolean;
      readonly clientId: string;
      readonly scope: readonly string[] | undefined;
      readonly audience: readonly string[] | undefined;
      readonly user: readonly string[];
      /** Those active at the time. */
      readonly resources: readonly string[];
    }
  | { readonly kind: "revoke_access_token"; readonly pick: number }
  | { readonly kind: "revoke"; readonly pick: number; readonly forged: boolean }
  /** The job tells of the end of its user, at this epoch. */
  | { readonly kind: "close"; readonly epoch: number }
  | { readonly kind: "wait"; readonly time: number };

const mostly = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof(
    { weight: 40, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(usual, ...others) },
  );

const clientId = mostly("app", "other");
const pick = fc.oneof(
  { weight: 15, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.nat(4) },
);

/** Long stories of a grant, in which most of what happens is legitimate, so that the family lives to see more. */
export const happenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.oneof(
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("redeem" as const),
        clientId,
        verifier: fc.constantFrom("w".repeat(43), "x".repeat(43), verifier),
      }),
    },
    {
      weight: 16,
      arbitrary: fc.record({
        kind: fc.constant("refresh" as const),
        pick,
        forged: mostly(false, true),
        clientId,
        scope: mostly<readonly string[] | undefined>(undefined, ["read"], ["write", "read"], ["admin"], []),
        audience: mostly<readonly string[] | undefined>(
          undefined,
          ["https://mcp.example"],
          ["https://else.example"],
        ),
        user: mostly<readonly string[]>(["read", "write"], ["read"], ["admin"], []),
        resources: mostly<readonly string[]>(
          terms.audience,
          ["https://mcp.example"],
          ["https://admin.example", "https://else.example"],
          [],
        ),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant("revoke_access_token" as const), pick: fc.nat(30) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("wait" as const),
        time: mostly(3_000, 10_001, 40 * 86_400_000),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("revoke" as const), pick, forged: mostly(true, false) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("close" as const), epoch: mostly(2, 3) }),
    },
  ),
  { maxLength: 200, size: "max" },
);
