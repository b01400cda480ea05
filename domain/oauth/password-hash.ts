/** The parts of a hash that is made by PBKDF2 (RFC 8018 §5.2); salt and hash are base64 without padding. */
export interface Pbkdf2Hash {
  readonly digest: "sha1" | "sha256" | "sha512";
  readonly iterations: number;
  readonly salt: string;
  readonly hash: string;
}

/**
 * What checking one password may cost at most, about a quarter of a second: a hash that was taken over must not keep the
 * server busy for whoever sends wrong passwords, nor take its memory.
 */
const most = {
  /** KiB. */
  argon2Memory: 65_536,
  /** KiB times passes. */
  argon2Work: 262_144,
  argon2Lanes: 16,
  pbkdf2Iterations: { sha1: 1_300_000, sha256: 1_000_000, sha512: 600_000 },
  /** Logarithm of the rounds. */
  bcryptCost: 12,
};

const argon2Form =
  /^\$argon2(?:id|i|d)\$(?:v=(?:16|19)\$)?m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,3})\$([\w+/]+)\$([\w+/]+)$/;
const pbkdf2Form = /^\$pbkdf2-(sha1|sha256|sha512)\$i=(\d{1,10}),l=(\d{1,4})\$([\w+/]+)\$([\w+/]+)$/;
const bcryptForm = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** How many bytes a base64 text without padding holds; undefined where it is none, or not the only one of its bytes. */
function bytesIn(base64: string): number | undefined {
  if (!/^[A-Za-z0-9+/]+$/.test(base64) || base64.length % 4 === 1) return undefined;
  const unused = base64.length % 4 === 2 ? 16 : base64.length % 4 === 3 ? 4 : 1;
  if (alphabet.indexOf(base64.at(-1) ?? "") % unused !== 0) return undefined;
  return Math.floor((base64.length * 3) / 4);
}

const isWithin = (value: number | undefined, least: number, greatest: number): boolean =>
  value !== undefined && value >= least && value <= greatest;

/** The parts of a PBKDF2 hash in the form `$pbkdf2-sha256$i=25000,l=32$salt$hash`; undefined for another form. */
export function parsePbkdf2(text: string): Pbkdf2Hash | undefined {
  const [, digest, iterations, , salt, hash] = pbkdf2Form.exec(text) ?? [];
  if (!digest || !iterations || !salt || !hash) return undefined;
  return { digest: digest as Pbkdf2Hash["digest"], iterations: Number(iterations), salt, hash };
}

/** Whether a hash is one of bcrypt. */
export const isBcrypt = (text: string): boolean => bcryptForm.test(text);

function argon2Fault([, m = "", t = "", p = "", salt = "", hash = ""]: RegExpExecArray): string | undefined {
  const [memory, passes, lanes] = [Number(m), Number(t), Number(p)];
  if (!isWithin(bytesIn(salt), 8, 48) || !isWithin(bytesIn(hash), 16, 64)) return "its argon2 form is broken";
  if (passes < 1 || lanes < 1 || memory < 8 * lanes) return "its argon2 parameters are none";
  const isDear = memory > most.argon2Memory || memory * passes > most.argon2Work || lanes > most.argon2Lanes;
  return isDear
    ? `it costs too much to check: argon2 of at most ${most.argon2Memory} KiB and ${most.argon2Work} KiB in all passes`
    : undefined;
}

function pbkdf2Fault([, digest = "", i = "", l = "", salt = "", hash = ""]: RegExpExecArray):
  | string
  | undefined {
  if (!isWithin(bytesIn(salt), 1, 128) || !isWithin(bytesIn(hash), 16, 128) || bytesIn(hash) !== Number(l))
    return "its pbkdf2 form is broken";
  if (Number(i) < 1) return "its pbkdf2 iterations are none";
  const iterations = most.pbkdf2Iterations[digest as Pbkdf2Hash["digest"]];
  return Number(i) > iterations
    ? `it costs too much to check: pbkdf2-${digest} of at most ${iterations} iterations`
    : undefined;
}

/**
 * Why a hash that another product made of a password or secret is not taken over; undefined where it is: Argon2 and
 * PBKDF2 in PHC string form, or bcrypt, each within what checking a password may cost.
 */
export function passwordHashFault(text: string): string | undefined {
  const argon2 = argon2Form.exec(text);
  if (argon2) return argon2Fault(argon2);
  const pbkdf2 = pbkdf2Form.exec(text);
  if (pbkdf2) return pbkdf2Fault(pbkdf2);
  const [, cost] = bcryptForm.exec(text) ?? [];
  if (cost === undefined) return "it is of no kind that is known: argon2, pbkdf2 or bcrypt";
  return isWithin(Number(cost), 4, most.bcryptCost)
    ? undefined
    : `it costs too much to check: bcrypt of a cost from 4 to ${most.bcryptCost}`;
}
