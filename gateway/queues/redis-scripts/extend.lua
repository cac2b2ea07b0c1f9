-- Keeps leases.
-- ARGV: length of the lease in ms, then id, try, id, try, …
-- Returns the ids of the runs that do not count any more: cancelled, or taken over by another gateway.

local over = now() + ARGV[1]
local lost = {}
for i = 2, #ARGV, 2 do
  local id = ARGV[i]
  local call = redis.call('HMGET', key('call', id), 'st', 'tr')
  if call[1] == 'running' and call[2] == ARGV[i + 1] then
    redis.call('ZADD', key('leases'), over, id)
  else
    lost[#lost + 1] = id
  end
end
return lost
