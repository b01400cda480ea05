/**
 * Sets of strings in their order by bytes, for all scripts. A large sorted set of Redis takes 110 bytes for a member of 22,
 * a small one, which it keeps as a list, 26: so a set is kept in chunks of at most 64. The sorted set of its name holds
 * the strings with which its chunks begin; a chunk has that string in its key. The first begins with the empty one.
 */
export const orderedSets = `
local function chunk_for(set, member)
  return redis.call('ZREVRANGEBYLEX', set, '[' .. member, '-', 'LIMIT', 0, 1)[1]
end
local function add(set, member)
  local first = chunk_for(set, member)
  if not first then
    first = ''
    redis.call('ZADD', set, 0, first)
  end
  local chunk = set .. ':' .. first
  if redis.call('ZADD', chunk, 0, member) == 0 or redis.call('ZCARD', chunk) <= 64 then return end
  local upper = redis.call('ZRANGE', chunk, 32, -1)
  local scored = {}
  for n, each in ipairs(upper) do scored[2 * n - 1], scored[2 * n] = 0, each end
  redis.call('ZADD', set .. ':' .. upper[1], unpack(scored))
  redis.call('ZADD', set, 0, upper[1])
  redis.call('ZREMRANGEBYRANK', chunk, 32, -1)
end
local function remove(set, member)
  local first = chunk_for(set, member)
  if not first then return end
  local chunk = set .. ':' .. first
  redis.call('ZREM', chunk, member)
  if redis.call('EXISTS', chunk) == 0 then redis.call('ZREM', set, first) end
end
local function members(set, above, below, limit)
  local found = {}
  local first = chunk_for(set, string.sub(above, 2))
  local from = first and '[' .. first or '-'
  while #found < limit do
    local chunks = redis.call('ZRANGEBYLEX', set, from, below, 'LIMIT', 0, 16)
    if #chunks == 0 then break end
    for _, chunk in ipairs(chunks) do
      if #found >= limit then break end
      local more = redis.call('ZRANGEBYLEX', set .. ':' .. chunk, above, below, 'LIMIT', 0, limit - #found)
      for _, member in ipairs(more) do found[#found + 1] = member end
    end
    from = '(' .. chunks[#chunks]
  end
  return found
end
`;
