/**
 * How a document stands in Redis. It is a tree of values, each begun by one of these bytes; a count or length is a varint
 * (seven bits a byte, the lowest first). Most of a document's JSON is names of members, ids that are said twice, times
 * that lie near each other, and hashes that take four characters for three bytes: here these take a byte or two, or are
 * as short as what they say.
 */
export const tag = {
  /** The integers from 0 on, in the byte itself. */
  small: 0x00,
  /** A string that was said before, by its number. */
  again: 0x40,
  /** An object of a shape, by its number; the values of its members follow. */
  shape: 0x60,
  /** A word, by its number. */
  word: 0xa0,
  null: 0xe0,
  false: 0xe1,
  true: 0xe2,
  positive: 0xe3,
  negative: 0xe4,
  /** A large integer, told by how far it is from the large one before it (0 at first): in thousands or in ones, up or down. */
  thousandsUp: 0xe5,
  thousandsDown: 0xe6,
  onesUp: 0xe7,
  onesDown: 0xe8,
  /** Any other number: eight bytes. */
  double: 0xe9,
  utf8: 0xea,
  /** A string that JavaScript can hold and UTF-8 cannot. */
  utf16: 0xeb,
  /** What bytes say in base64url. */
  base64url: 0xec,
  array: 0xed,
  /** An object of no known shape: names and values in turns. */
  object: 0xee,
} as const;

/** How many numbers lie in the byte itself. */
export const range = { small: 64, again: 32, shape: 64, word: 64 } as const;

/** Integers from here on are told by their distance: epoch milliseconds are. */
export const large = 2 ** 32;

/** Values within values: more than any document has. */
export const maxDepth = 64;
