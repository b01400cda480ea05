import { describe, expect, it } from "vitest";
import { parseRedisUrl } from "../../../infrastructure/redis/url.ts";

describe("a Redis URL", () => {
  const common = { database: 0, tls: false };
  const at = (host: string, port: number) => ({ host, port });

  it.each([
    ["redis://h", { kind: "single", addresses: [at("h", 6379)], ...common }],
    ["redis://h:7000/", { kind: "single", addresses: [at("h", 7000)], ...common }],
    ["redis://:pw@[::1]:7", { kind: "single", addresses: [at("::1", 7)], password: "pw", ...common }],
    [
      "redis://a:1,b,[::1]:3/0",
      { kind: "cluster", addresses: [at("a", 1), at("b", 6379), at("::1", 3)], ...common },
    ],
    [
      "rediss://user:p%40ss:word@h/12",
      {
        ...{ kind: "single", addresses: [at("h", 6379)], database: 12, tls: true },
        ...{ username: "user", password: "p@ss:word" },
      },
    ],
    [
      "rediss+sentinel://:pw@a,b:1/main/2",
      {
        ...{ kind: "sentinel", addresses: [at("a", 26379), at("b", 1)], database: 2, tls: true },
        ...{ password: "pw", master: "main" },
      },
    ],
  ])("%s is understood", (url, target) => {
    expect(parseRedisUrl(url)).toEqual(target);
  });

  it.each([
    ["http://:s3cret@h", "not of the form redis://"],
    ["h:6379", "not of the form redis://"],
    ["redis://:s3cret@", "names a host that is not"],
    ["redis://:s3cret@h:99999", "between 1 and 65535"],
    ["redis://:s3cret@a,,b", "names a host that is not"],
    ["redis://:s3cret@h/x", "is not a number"],
    ["redis://:s3cret@h/1/2", "more than one part"],
    ["redis://:s3cret@a,b/1", "database 0 only"],
    ["redis://s3cret@h", "user without a password"],
    ["redis://:s3cret%@h", "percent-encoded"],
    ["redis://:s3cret/x@h", "in a password / is written %2F"],
    ["redis://u:99999/s3cret@h", "between 1 and 65535"],
    ["redis+sentinel://:s3cret@h", "lacks the name"],
    ["redis+sentinel://:s3cret@h/m/1/2", "more than two parts"],
    ["redis://:s3cret@h?x=1", "not of the form redis://"],
  ])("%s is refused with a sentence, and without what may be a password", (url, sentence) => {
    expect(() => parseRedisUrl(url)).toThrow(sentence);
    expect(() => parseRedisUrl(url)).not.toThrow("s3cret");
  });
});
