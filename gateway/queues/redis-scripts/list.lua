-- Lists calls of each function and state, the newest of each.
-- ARGV: how many of each at most, accepted since, accepted until (both as score ranges), a change ('' for none): what it
--       has changed is left out, function ('' for all), states …
-- Returns {{id, fn, st, ac, tr, fa, at, re}, …}.

local most, since, before, change, fn = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local functions = fn ~= '' and { fn } or redis.call('SMEMBERS', key('functions'))
local rows = {}

local function add(id)
  if change ~= '' and redis.call('HGET', key('call', id), 'ch') == change then return 0 end
  local row = redis.call('HMGET', key('call', id), unpack(fields))
  table.insert(row, 1, id)
  rows[#rows + 1] = row
  return 1
end

for _, name in ipairs(functions) do
  for i = 6, #ARGV do
    local added, offset = 0, 0
    repeat
      local ids = redis.call('ZREVRANGEBYSCORE', key(ARGV[i], name), before, since, 'LIMIT', offset, most)
      for _, id in ipairs(ids) do
        if added < most then added = added + add(id) end
      end
      offset = offset + #ids
    until #ids < most or added == most
  end
end
return rows
