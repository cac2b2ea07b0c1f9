-- Accepts calls.
-- ARGV: how long an idempotency key is known in ms, then for each call: id, function, request, priority, delay in ms,
--       idempotency key ('' for none), bytes that the queue may hold.
-- Returns for each call: its id, or the id of the first call with this key; 1 when the id is taken, 2 when the queue is full.

local known, time = ARGV[1], now()
local held = tonumber(redis.call('GET', key('bytes')) or 0)
local added = false

local function push(id, fn, request, priority, delay, idempotency, most)
  local first = idempotency ~= '' and redis.call('GET', key('key', #fn .. ':' .. fn .. ':' .. idempotency))
  if first then return first end
  if redis.call('EXISTS', key('call', id)) == 1 then return 1 end
  local size = callBytes + #request
  if held + heldMore + size > most then return 2 end
  hold(size)

  local state = delay > 0 and 'delayed' or 'waiting'
  redis.call('SET', key('request', id), request)
  redis.call('HSET', key('call', id), 'fn', fn, 'st', state, 'pr', priority, 'ac', time, 'si', time + delay, 'at', time + delay,
    'tr', 0, 'fa', 0, 're', '', 'sz', size)
  if idempotency ~= '' then redis.call('SET', key('key', #fn .. ':' .. fn .. ':' .. idempotency), id, 'PX', known) end
  if delay > 0 then
    redis.call('SADD', key('functions'), fn)
    later('ZADD', key('delayed', fn), time, id)
    later('ZADD', key('due'), time + delay, id)
  else
    wait(id, fn, priority, time)
  end
  added = true
  return id
end

local answers = {}
for i = 2, #ARGV, 7 do
  answers[#answers + 1] =
    push(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], tonumber(ARGV[i + 4]), ARGV[i + 5], tonumber(ARGV[i + 6]))
end
tell()
if added then wake() end -- for a delayed call, too: who sleeps has to learn of the new time
return answers
