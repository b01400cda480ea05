import type { z } from "zod";
import type { groups, SettingName, settings } from "./schema.ts";

/** `accessTokenExpireMinutes` → `access_token_expire_minutes`. */
type Snake<Name extends string> = Name extends `${infer Letter}${infer Rest}`
  ? `${Letter extends Lowercase<Letter> ? Letter : `_${Lowercase<Letter>}`}${Snake<Rest>}`
  : "";

/** What code gives: no text for what a flag writes as one. */
type Typed<Taken> = [Exclude<Taken, string | undefined>] extends [never]
  ? Taken
  : ReadonlyIfList<Exclude<Taken, string>>;

type ReadonlyIfList<Taken> = Taken extends (infer Entry)[] ? readonly Entry[] : Taken;

type Value<Name extends SettingName> = Typed<z.input<(typeof settings)[Name]>>;

type InBothSpellings<Name extends SettingName> = { readonly [N in Name]?: Value<N> } & {
  readonly [N in Name as Snake<N>]?: Value<N>;
};

/** The guide's OAuth2Config: tokens, clients and what they may do. */
export type OAuth2Config = InBothSpellings<keyof (typeof groups)["oauth"]>;

/** The guide's SessionConfig: how long people stay signed in, and their cookie. */
export type SessionConfig = InBothSpellings<keyof (typeof groups)["session"]>;

/** The guide's IPWhitelist: addresses and networks that may connect (CIDR, IPv4 and IPv6). */
export type IPWhitelist = readonly string[];

interface Groups {
  readonly oauth?: OAuth2Config | undefined;
  readonly session?: SessionConfig | undefined;
  readonly network?:
    | (InBothSpellings<keyof (typeof groups)["network"]> &
        Pick<Aliases, "whitelist"> &
        Pick<Classes, "IPWhitelist">)
    | undefined;
  readonly server?: InBothSpellings<keyof (typeof groups)["server"]> | undefined;
  readonly storage?: InBothSpellings<keyof (typeof groups)["storage"]> | undefined;
}

interface Aliases {
  readonly baseUrl?: string | undefined;
  readonly whitelist?: IPWhitelist | undefined;
  readonly oauth2Config?: OAuth2Config | undefined;
  readonly sessionConfig?: SessionConfig | undefined;
}

/** The guide's classes by their own names, as a file may hold them. */
interface Classes {
  readonly OAuth2Config?: OAuth2Config | undefined;
  readonly SessionConfig?: SessionConfig | undefined;
  readonly IPWhitelist?: IPWhitelist | undefined;
}

type Settings = InBothSpellings<SettingName> & Groups & Aliases & InSnake<Aliases> & Classes;

type InSnake<Members> = { readonly [Name in keyof Members as Snake<Name & string>]: Members[Name] };

/**
 * The guide's RemoteMCPConfig: every setting, at the top level or in its group, by our names or in the guide's snake_case.
 * A setting that is given twice must have the same value.
 */
export type RemoteMCPConfig = Settings & { readonly RemoteMCPConfig?: Settings | undefined };
