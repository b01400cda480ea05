import { script } from "./script.ts";

/**
 * Writes a batch. ARGV: build, from, to, server, the prefix of the keys of the build, then for each document its
 * collection, id, text, expiry or '', and its index entries: JSON, '' for none, '=' for those it has. KEYS[3] holds the
 * index entries of documents, KEYS[4] their expiry, KEYS[5] the names of collections; then come the documents.
 * Answers 1 where it wrote, 0 where all is there already, -1 where another projector was faster.
 */
export const applyScript = script(`
local build, from, to, server, prefix = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local held, meta = holder(build)
if not held or meta.server ~= server then return -1 end
if meta.position ~= from then
  if less(meta.position, to) then return -1 end
  return 0
end

local hour = 3600000
local now = time()
local count = #KEYS - 5
local members, earlier = {}, {}
for n = 1, count do
  members[n] = ARGV[5 * n + 1] .. '/' .. ARGV[5 * n + 2]
end
for first = 1, count, 1000 do
  local found = redis.call('HMGET', KEYS[3], unpack(members, first, math.min(first + 999, count)))
  for n, entries in ipairs(found) do earlier[first + n - 1] = entries end
end

local ids, expiring, lasting = {}, {}, {}
local function index(command, entries, collection, id)
  for _, entry in ipairs(cjson.decode(entries)) do
    local key = prefix .. 'i:' .. collection .. '/' .. entry
    if command == 'ZADD' then redis.call(command, key, 0, id) else redis.call(command, key, id) end
  end
end
for n = 1, count do
  local at = 5 * n
  local collection, id, text, expiry, entries = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
  if entries ~= '=' and entries ~= (earlier[n] or '') then
    if earlier[n] then index('ZREM', earlier[n], collection, id) end
    if entries ~= '' then
      index('ZADD', entries, collection, id)
      redis.call('HSET', KEYS[3], members[n], entries)
    else
      redis.call('HDEL', KEYS[3], members[n])
    end
  end
  if expiry == '' then
    redis.call('SET', KEYS[n + 5], text)
    lasting[#lasting + 1] = members[n]
  else
    redis.call('SET', KEYS[n + 5], text, 'PXAT', whole(math.max(tonumber(expiry), now) + hour))
    expiring[#expiring + 1] = expiry
    expiring[#expiring + 1] = members[n]
  end
  ids[collection] = ids[collection] or {}
  table.insert(ids[collection], 0)
  table.insert(ids[collection], id)
end
for collection, scored in pairs(ids) do
  redis.call('SADD', KEYS[5], collection)
  chunked('ZADD', prefix .. 'a:' .. collection, scored, 2000)
end
chunked('ZADD', KEYS[4], expiring, 2000)
chunked('ZREM', KEYS[4], lasting, 2000)
meta.position = to
save(held, meta)
return 1
`);
