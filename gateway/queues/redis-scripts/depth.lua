-- Counts the calls of each function by state.
-- Returns {{function, waiting, delayed, running, done, dead, cancelled}, …}.

local rows = {}
for _, fn in ipairs(redis.call('SMEMBERS', key('functions'))) do
  local row, all = { fn }, 0
  for _, state in ipairs(states) do
    local count = redis.call('ZCARD', key(state, fn))
    row[#row + 1] = count
    all = all + count
  end
  if all > 0 then rows[#rows + 1] = row else redis.call('SREM', key('functions'), fn) end
end
return rows
