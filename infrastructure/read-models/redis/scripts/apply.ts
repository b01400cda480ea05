import { entries } from "./entries.ts";
import { script } from "./script.ts";

/**
 * Writes a batch. ARGV: build, from, to, server, the prefix of the keys of the build, and the documents, each as its
 * collection, id, head ('=': the entries stay, but it never expires) and itself. Under the prefix lie documents, at
 * `collection/id`, and sets: `collection:*` of all ids, `collection:!` by expiry and others of entries, `c` of collections.
 * Answers 1 where it wrote, 0 where all is there already, -1 where another projector was faster.
 */
export const applyScript = script(`${entries}
local build, from, to, server, prefix, batch = unpack(ARGV)
local held, meta = holder(build)
if not held or meta.server ~= server then return -1 end
if meta.position ~= from then
  if less(meta.position, to) then return -1 end
  return 0
end

local writes, keys, at = {}, {}, 1
while at <= #batch do
  local write = {}
  write.collection, write.id, write.head, write.document, at = struct.unpack('>Bc0Hc0Hc0Ic0', batch, at)
  writes[#writes + 1] = write
  keys[#keys + 1] = prefix .. write.collection .. '/' .. write.id
end
for first = 1, #keys, 1000 do
  local found = redis.call('MGET', unpack(keys, first, math.min(first + 999, #keys)))
  for n, text in ipairs(found) do writes[first + n - 1].earlier = head_of(text) end
end

local function lasting(head)
  local kept = {}
  for entry, set in pairs(entries_of(head)) do
    if set ~= '!' then kept[#kept + 1] = entry end
  end
  return table.concat(kept)
end
local collections = {}
for _, write in ipairs(writes) do
  if not write.earlier then collections[write.collection] = true end
end
for collection in pairs(collections) do redis.call('SADD', prefix .. 'c', collection) end
local stored = {}
for n, write in ipairs(writes) do
  local sets = prefix .. write.collection .. ':'
  local head, earlier = write.head, write.earlier
  if head == '=' then head = lasting(earlier or '') end
  if head ~= (earlier or '') then
    move(sets, write.id, earlier and entries_of(earlier) or nothing, entries_of(head))
  end
  if not earlier then add(sets .. '*', write.id) end
  stored[2 * n - 1], stored[2 * n] = keys[n], struct.pack('>Hc0', #head, head) .. write.document
end
for first = 1, #stored, 1000 do redis.call('MSET', unpack(stored, first, math.min(first + 999, #stored))) end
meta.position = to
save(held, meta)
return 1
`);
