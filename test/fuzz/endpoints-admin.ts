import { pick, type Random } from "../faults/random.ts";
import { bearer } from "../support/requests.ts";
import { type Build, get } from "./endpoints.ts";
import { sendJson } from "./endpoints-more.ts";
import type { FuzzRequest } from "./request.ts";
import type { World } from "./world.ts";

const byAdministrator = (world: World, random: Random): Readonly<Record<string, string>> => ({
  ...bearer(world.adminTokens.any(random)),
  ...pick<Readonly<Record<string, string>>>(random, [
    {},
    {},
    { "idempotency-key": pick(random, ['"one"', "two", '"three']) },
  ]),
});

const page = (random: Random): string =>
  pick(random, ["", "?limit=2", "?limit=0", "?after=u_x&limit=3", "?limit=1&limit=2", "?after=%00"]);

const client = (random: Random): Record<string, unknown> => ({
  client_name: "Made",
  redirect_uris: ["https://app.example/cb"],
  token_endpoint_auth_methods: [pick(random, ["none", "client_secret_basic", "private_key_jwt"])],
  scope: pick(random, ["read", "read admin", "everything"]),
  token_format: pick(random, ["jwt", "opaque"]),
});

/** Lists and what makes something. */
const create: Build = (world, random) => {
  const headers = byAdministrator(world, random);
  const name = Math.floor(random() * 1_000_000);
  const resource = { uri: `https://made.example/${name}`, scope: "read", default: false };
  const user = { username: `made ${name}`, scope: pick(random, ["read", "read write"]) };
  return pick<() => FuzzRequest>(random, [
    () =>
      get(
        `/admin/${pick(random, ["users", "clients", "grants", "resources", "keys"])}${page(random)}`,
        headers,
      ),
    () => get(`/admin/grants?user_id=${world.bystander}`, headers),
    () =>
      sendJson(
        "PUT",
        `/admin/users/${world.bystander}/status`,
        { status: pick(random, ["active", "disabled"]) },
        headers,
      ),
    () => sendJson("POST", "/admin/users", user, headers),
    () => sendJson("POST", "/admin/clients", client(random), headers),
    () => sendJson("POST", "/admin/resources", resource, headers),
    () => sendJson("POST", "/admin/keys/rotate", { force: random() < 0.05 }, headers),
  ])();
};

/**
 * What is done to what was made here, so that nothing ends that others rest on. Who is erased was not disabled before: that
 * end is of an event which has left the log, and nothing here tells the grants of it first, as a job does.
 */
const change: Build = (world, random) => {
  const headers = byAdministrator(world, random);
  const path = world.made.size > 0 ? world.made.any(random) : "/admin/clients/c_x";
  const status = pick(random, ["active", "disabled", "deleted"]);
  const secret = { overlap_seconds: 60, compromised: random() < 0.3 };
  const read = () => get(path, headers);
  const end = () => ({ ...get(path, headers), method: "DELETE" });
  if (path.includes("/users/"))
    return pick<() => FuzzRequest>(random, [
      read,
      end,
      () => sendJson("PUT", `${path}/scope`, { scope: "read" }, headers),
    ])();
  return pick<() => FuzzRequest>(random, [
    read,
    end,
    () => sendJson("PUT", path, client(random), headers),
    () => sendJson("PUT", `${path}/status`, { status }, headers),
    () => sendJson("POST", `${path}/secret`, secret, headers),
  ])();
};

/** A grant of the world, read or ended. */
const grant: Build = async (world, random) => {
  const headers = bearer(world.adminTokens.any(random));
  const answer = await fetch(`${world.server.address}/admin/grants?limit=5`, { headers });
  const { grants = [] } = (await answer.json()) as { grants?: { grant_id: string }[] };
  const id = grants.length > 0 ? pick(random, grants).grant_id : "unknown";
  return { ...get(`/admin/grants/${id}`, headers), method: pick(random, ["GET", "GET", "GET", "DELETE"]) };
};

/** The endpoints of the admin API that make and change, each as often as it stands here. */
export const adminEndpoints: readonly (readonly [name: string, weight: number, build: Build])[] = [
  ["create by administrator", 3, create],
  ["change by administrator", 3, change],
  ["grants by administrator", 1, grant],
];
