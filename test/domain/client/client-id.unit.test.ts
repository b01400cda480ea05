import { expect, it } from "vitest";
import { clientIdFault } from "../../../domain/client/client-id.ts";

it.each(["ticket-office", "7f1f4f2c-3c0d-4c55-9a53-0c5b1d5a9e01", "c_AZuF2jQAcAGAAAAAAAAAAQ", "a:b/c@d"])(
  "%s is kept",
  (id) => expect(clientIdFault(id)).toBeUndefined(),
);

it.each([
  "",
  "two words",
  "höhle",
  "x".repeat(201),
  "u_AZuF2jQAcAGAAAAAAAAAAg",
  "rs_AZuF2jQAcAGAAAAAAAAAAg",
  "https://client.example/metadata",
  "line\nbreak",
])("%j cannot be an id here", (id) => expect(clientIdFault(id)).toEqual(expect.any(String)));
