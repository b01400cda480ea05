import { orderedSets } from "./ordered-set.ts";
import { script } from "./script.ts";

/**
 * Reads a page from one state. ARGV: the build, or '' for the live one; the prefix of all generations; the collection;
 * the name of the set in which to look; the entry before the ids there, or ''; the id to begin after, or ''; how many.
 * Answers the meta (false without one) and then ids and documents in turns.
 */
export const listScript = script(`${orderedSets}
local build, root, collection, set, entry, after, limit = unpack(ARGV)
local held, meta
if build == '' then meta = parse(redis.call('GET', KEYS[1])) else held, meta = holder(build) end
if not meta then return { false } end
local page = { table.concat({ meta.build, meta.position, meta.heartbeat, meta.server, meta.moved }, ' ') }
local prefix = root .. meta.build .. ':' .. collection
local wanted = 2 * tonumber(limit) + 1
local above = (after == '' and '[' or '(') .. entry .. after
local below = entry == '' and '+' or '(' .. entry .. '\\255'
while #page < wanted do
  local found = members(prefix .. ':' .. set, above, below, math.min((wanted - #page) / 2, 1000))
  if #found == 0 then break end
  local ids, keys = {}, {}
  for n, member in ipairs(found) do
    ids[n] = string.sub(member, #entry + 1)
    keys[n] = prefix .. '/' .. ids[n]
  end
  for n, stored in ipairs(redis.call('MGET', unpack(keys))) do
    if stored then
      page[#page + 1] = ids[n]
      page[#page + 1] = stored
    end
  end
  above = '(' .. found[#found]
end
return page
`);
