-- Leases calls, one from each function in turn, and lets delayed calls that are due wait.
-- ARGV: how many at most, length of the lease in ms, then function, how many of it may run, function, …
-- Returns {ms until the next delayed call is due (-1: there is none), {id, function, try, failures, age in ms, request}, …}.

local time = now()
local most, lease = tonumber(ARGV[1]), tonumber(ARGV[2])

for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('due'), '-inf', time, 'LIMIT', 0, 1000)) do
  local call = redis.call('HMGET', key('call', id), 'fn', 'pr', 'ac')
  leave(id, call[1], 'delayed')
  redis.call('HSET', key('call', id), 'st', 'waiting')
  wait(id, call[1], call[2], call[3])
end
tell()

local limits = {}
for i = 3, #ARGV, 2 do limits[ARGV[i]] = tonumber(ARGV[i + 1]) end

-- How many each function gets: in every round one, if it has room and calls left.
local line = {}
for _, fn in ipairs(redis.call('ZRANGE', key('line'), 0, -1)) do
  local room = (limits[fn] or 1) - redis.call('ZCARD', key('running', fn))
  if room > 0 then line[#line + 1] = { fn = fn, room = math.min(room, redis.call('ZCARD', key('order', fn))), gets = 0 } end
end
local round, left = line, most
while #round > 0 and left > 0 do
  local nextRound = {}
  for _, turn in ipairs(round) do
    if left == 0 then break end
    turn.gets = turn.gets + 1
    left = left - 1
    if turn.gets < turn.room then nextRound[#nextRound + 1] = turn end
  end
  round = nextRound
end

local nextDue = redis.call('ZRANGE', key('due'), 0, 0, 'WITHSCORES')
local answer = { nextDue[2] and math.max(nextDue[2] - time, 0) or -1 }

local function start(id, fn)
  local call = redis.call('HMGET', key('call', id), 'tr', 'fa', 'si', 'ac')
  local try = call[1] + 1
  later('ZREM', key('waiting', fn), id)
  later('ZADD', key('running', fn), call[4], id)
  later('ZADD', key('leases'), time + lease, id)
  redis.call('HSET', key('call', id), 'st', 'running', 'tr', try, 'at', time)
  answer[#answer + 1] = { id, fn, try, tonumber(call[2]), time - call[3], redis.call('GET', key('request', id)) }
end

for _, turn in ipairs(line) do
  if turn.gets > 0 then
    local popped = redis.call('ZPOPMIN', key('order', turn.fn), turn.gets)
    for i = 1, #popped, 2 do start(popped[i], turn.fn) end
    if redis.call('EXISTS', key('order', turn.fn)) == 0 then
      redis.call('ZREM', key('line'), turn.fn)
    else
      redis.call('ZADD', key('line'), redis.call('INCR', key('counter')), turn.fn)
    end
  end
end
tell()
-- Another gateway may have room for what is left.
if left == 0 and redis.call('EXISTS', key('line')) == 1 then wake() end
return answer
