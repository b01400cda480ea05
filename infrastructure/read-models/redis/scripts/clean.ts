import { entries } from "./entries.ts";
import { script } from "./script.ts";

/**
 * Removes documents that expired, then those of builds that were replaced (KEYS[3], whole prefixes), among them those of
 * generations (KEYS[4]) that nobody has used for a week. ARGV: the prefix of all generations, this generation, the time,
 * how many at most. Answers how many.
 */
export const cleanScript = script(`${entries}
local root, generation, now, limit = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local removed = 0

local function drop(prefix, collection, id)
  local key, sets = prefix .. collection .. '/' .. id, prefix .. collection .. ':'
  local head = head_of(redis.call('GET', key) or nil)
  move(sets, id, entries_of(head or ''), nothing)
  redis.call('UNLINK', key)
  remove(sets .. '*', id)
  removed = removed + 1
end

local used = {}
for place = 1, 2 do
  local meta = parse(redis.call('GET', KEYS[place]))
  if meta then
    local prefix = root .. meta.build .. ':'
    used[prefix] = true
    for _, collection in ipairs(redis.call('SMEMBERS', prefix .. 'c')) do
      local set = prefix .. collection .. ':!'
      local expired = members(set, '[', '(' .. struct.pack('>I6', now), limit - removed)
      for _, member in ipairs(expired) do
        drop(prefix, collection, string.sub(member, 7))
        remove(set, member)
      end
    end
  end
end

local week = 7 * 86400000
for _, other in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', whole(time() - week))) do
  if other ~= generation then
    local old = root .. other .. ':'
    for _, place in ipairs({ 'live', 'next' }) do
      local meta = parse(redis.call('GET', old .. place))
      if meta then redis.call('SADD', KEYS[3], root .. meta.build .. ':') end
    end
    redis.call('SUNIONSTORE', KEYS[3], KEYS[3], old .. 'replaced')
    redis.call('DEL', old .. 'live', old .. 'next', old .. 'replaced')
    redis.call('ZREM', KEYS[4], other)
  end
end

for _, prefix in ipairs(redis.call('SMEMBERS', KEYS[3])) do
  if removed < limit and not used[prefix] then
    for _, collection in ipairs(redis.call('SMEMBERS', prefix .. 'c')) do
      local set = prefix .. collection .. ':*'
      for _, id in ipairs(members(set, '[', '+', limit - removed)) do drop(prefix, collection, id) end
      if redis.call('EXISTS', set) == 0 then redis.call('SREM', prefix .. 'c', collection) end
    end
    if redis.call('EXISTS', prefix .. 'c') == 0 then redis.call('SREM', KEYS[3], prefix) end
  end
end
return removed
`);
