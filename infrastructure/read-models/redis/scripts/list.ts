import { script } from "./script.ts";

/**
 * Reads a page from one state. ARGV: the build, or '' for the live one; the prefix of the part; the rest of the key of
 * the sorted set behind the build; the prefix of documents behind the build; the id to begin after, or ''; how many.
 * Answers the meta (false without one) and then ids and documents in turns.
 */
export const listScript = script(`
local build, prefix, set, documents, after, limit = unpack(ARGV)
local held, meta
if build == '' then meta = parse(redis.call('GET', KEYS[1])) else held, meta = holder(build) end
if not meta then return { false } end
local page = { table.concat({ meta.build, meta.position, meta.heartbeat, meta.server, meta.moved }, ' ') }
local wanted = 2 * tonumber(limit) + 1
local from = after == '' and '-' or '(' .. after
while #page < wanted do
  local size = math.min((wanted - #page) / 2, 1000)
  local ids = redis.call('ZRANGEBYLEX', prefix .. meta.build .. set, from, '+', 'LIMIT', 0, size)
  if #ids == 0 then break end
  local keys = {}
  for n, id in ipairs(ids) do keys[n] = prefix .. meta.build .. documents .. id end
  for n, text in ipairs(redis.call('MGET', unpack(keys))) do
    if text then
      page[#page + 1] = ids[n]
      page[#page + 1] = text
    end
  end
  from = '(' .. ids[#ids]
end
return page
`);
