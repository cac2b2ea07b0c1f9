-- Lists calls of each function and state, the newest of each.
-- ARGV: how many of each at most, accepted since, accepted before (both as score ranges), function ('' for all), states …
-- Returns {{id, fn, st, ac, tr, fa, at, re}, …}.

local most, since, before, fn = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local functions = fn ~= '' and { fn } or redis.call('SMEMBERS', key('functions'))
local rows = {}
for _, name in ipairs(functions) do
  for i = 5, #ARGV do
    local ids = redis.call('ZREVRANGEBYSCORE', key(ARGV[i], name), before, since, 'LIMIT', 0, most)
    for _, id in ipairs(ids) do
      local row = redis.call('HMGET', key('call', id), unpack(fields))
      table.insert(row, 1, id)
      rows[#rows + 1] = row
    end
  end
end
return rows
