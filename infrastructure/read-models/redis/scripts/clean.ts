import { script } from "./script.ts";

/**
 * Removes documents that expired, then those of builds that were replaced (KEYS[3], whole prefixes), among them those of
 * generations (KEYS[4]) that nobody has used for a week. ARGV: the prefix of the part, the time, how many at most, the
 * prefix of all generations. Answers how many.
 */
export const cleanScript = script(`
local prefix, now, limit, root = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local removed = 0

local function remove(start, collection, id)
  local member = collection .. '/' .. id
  local entries = redis.call('HGET', start .. ':s', member)
  if entries then
    for _, entry in ipairs(cjson.decode(entries)) do
      redis.call('ZREM', start .. ':i:' .. collection .. '/' .. entry, id)
    end
    redis.call('HDEL', start .. ':s', member)
  end
  redis.call('UNLINK', start .. ':d:' .. member)
  redis.call('ZREM', start .. ':a:' .. collection, id)
  redis.call('ZREM', start .. ':x', member)
  removed = removed + 1
end

local used = {}
for place = 1, 2 do
  local meta = parse(redis.call('GET', KEYS[place]))
  if meta then
    local start = prefix .. meta.build
    used[start] = true
    local expired = redis.call('ZRANGEBYSCORE', start .. ':x', '-inf', '(' .. now, 'LIMIT', 0, limit - removed)
    for _, member in ipairs(expired) do
      local collection, id = string.match(member, '^([^/]*)/(.*)$')
      remove(start, collection, id)
    end
  end
end

local week = 7 * 86400000
for _, generation in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', whole(time() - week))) do
  local old = root .. generation .. ':'
  if old ~= prefix then
    for _, place in ipairs({ 'live', 'next' }) do
      local meta = parse(redis.call('GET', old .. place))
      if meta then redis.call('SADD', KEYS[3], old .. meta.build) end
    end
    redis.call('SUNIONSTORE', KEYS[3], KEYS[3], old .. 'replaced')
    redis.call('DEL', old .. 'live', old .. 'next', old .. 'replaced')
    redis.call('ZREM', KEYS[4], generation)
  end
end

for _, start in ipairs(redis.call('SMEMBERS', KEYS[3])) do
  if removed < limit and not used[start] then
    for _, collection in ipairs(redis.call('SMEMBERS', start .. ':c')) do
      if removed < limit then
        for _, id in ipairs(redis.call('ZRANGE', start .. ':a:' .. collection, 0, limit - removed - 1)) do
          remove(start, collection, id)
        end
      end
      if redis.call('EXISTS', start .. ':a:' .. collection) == 0 then redis.call('SREM', start .. ':c', collection) end
    end
    if redis.call('EXISTS', start .. ':c') == 0 then
      redis.call('UNLINK', start .. ':s', start .. ':x')
      redis.call('SREM', KEYS[3], start)
    end
  end
end
return removed
`);
