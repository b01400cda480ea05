import { orderedSets } from "./ordered-set.ts";

/** How scripts find the entries of a stored document in its head, which `Storage` describes. */
export const entries = `${orderedSets}
local function head_of(stored)
  if not stored then return nil end
  local is_whole, head = pcall(struct.unpack, '>Hc0', stored)
  return is_whole and head or ''
end
local function parsed(head)
  local found, at = {}, 1
  while at <= #head do
    local from, set = at, string.sub(head, at, at)
    if set == '.' then set = string.sub(head, at, string.find(head, ':', at, true)) end
    at = at + #set
    local length = string.byte(head, at)
    if set == '!' then at = at + 6
    elseif length >= 128 then at = at + length - 128 + 17
    elseif length == 127 then at = at + 3 + struct.unpack('>H', head, at + 1)
    else at = at + 1 + length end
    found[string.sub(head, from, at - 1)] = set
  end
  return found
end
-- A head that is broken names no entries: what it had stays, and is not found.
local function entries_of(head)
  local is_whole, found = pcall(parsed, head)
  return is_whole and found or {}
end
local function move(sets, id, old, new)
  for entry, set in pairs(old) do
    if not new[entry] then remove(sets .. set, string.sub(entry, #set + 1) .. id) end
  end
  for entry, set in pairs(new) do
    if not old[entry] then add(sets .. set, string.sub(entry, #set + 1) .. id) end
  end
end
local nothing = {}
`;
