import type { Redis } from "ioredis";
import type { Adapter, AdapterFactory, AdapterPayload } from "oidc-provider";

/** What is revoked with its grant, which therefore lists its keys. */
const grantable = new Set([
  "AccessToken",
  "AuthorizationCode",
  "RefreshToken",
  "DeviceCode",
  "BackchannelAuthenticationRequest",
  "PreAuthorizedCode",
]);

/** What is used once: a hash, so that using it up writes one field and reads nothing. */
const consumable = new Set([
  "AuthorizationCode",
  "RefreshToken",
  "DeviceCode",
  "BackchannelAuthenticationRequest",
  "PreAuthorizedCode",
]);

const grantKey = (grantId: string): string => `oidc:grant:${grantId}`;
const uidKey = (uid: string): string => `oidc:uid:${uid}`;
const userCodeKey = (userCode: string): string => `oidc:userCode:${userCode}`;

/** Keeps a text for so many seconds; without them, for good. */
const putText = (redis: Redis, key: string, text: string, seconds?: number): Promise<unknown> =>
  seconds === undefined ? redis.set(key, text) : redis.set(key, text, "EX", seconds);

const putHash = (redis: Redis, key: string, payload: string, seconds?: number): Promise<unknown> =>
  Promise.all([redis.hset(key, { payload }), seconds !== undefined && redis.expire(key, seconds)]);

/** The list of a grant must outlive each key on it. */
const list = (redis: Redis, grantId: string, key: string, seconds?: number): Promise<unknown> =>
  Promise.all([
    redis.rpush(grantKey(grantId), key),
    seconds !== undefined && redis.expire(grantKey(grantId), seconds, "NX"),
    seconds !== undefined && redis.expire(grantKey(grantId), seconds, "GT"),
  ]);

/**
 * Keeps the models of oidc-provider in Redis, by its documented Adapter interface and after the design of the example
 * that its documentation points at: JSON by model and id, each with its expiry. The connection must pipeline by itself.
 */
export function createRedisAdapter(redis: Redis): AdapterFactory {
  return (model): Adapter => {
    const keyOf = (id: string): string => `oidc:${model}:${id}`;

    async function find(id: string): Promise<AdapterPayload | undefined> {
      if (!consumable.has(model)) {
        const text = await redis.get(keyOf(id));
        return text === null ? undefined : JSON.parse(text);
      }
      const { payload, consumed } = await redis.hgetall(keyOf(id));
      if (payload === undefined) return undefined;
      return consumed === undefined ? JSON.parse(payload) : { ...JSON.parse(payload), consumed };
    }

    async function findBy(indexKey: string): Promise<AdapterPayload | undefined> {
      const id = await redis.get(indexKey);
      return id === null ? undefined : await find(id);
    }

    return {
      async upsert(id, payload, seconds) {
        const { grantId, uid, userCode } = payload;
        const key = keyOf(id);
        const put = consumable.has(model) ? putHash : putText;
        // All in one write and in this order, which spares a transaction: what is stored is always found and revoked.
        await Promise.all([
          grantable.has(model) && grantId !== undefined && list(redis, grantId, key, seconds),
          uid !== undefined && putText(redis, uidKey(uid), id, seconds),
          userCode !== undefined && putText(redis, userCodeKey(userCode), id, seconds),
          put(redis, key, JSON.stringify(payload), seconds),
        ]);
      },
      find,
      findByUid: (uid) => findBy(uidKey(uid)),
      findByUserCode: (userCode) => findBy(userCodeKey(userCode)),
      async consume(id) {
        await redis.hset(keyOf(id), { consumed: Math.floor(Date.now() / 1000) });
      },
      async destroy(id) {
        await redis.del(keyOf(id));
      },
      async revokeByGrantId(grantId) {
        const keys = await redis.lrange(grantKey(grantId), 0, -1);
        await redis.del(grantKey(grantId), ...keys);
      },
    };
  };
}
