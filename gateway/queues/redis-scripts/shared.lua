-- Stands before every script of the queue. KEYS[1] is the prefix of all its keys; they share one hash slot.
--
--   call:<id>            hash: fn, st(ate), pr(iority), ac(cepted), si(nce when its age counts), at, tr(ies),
--                        fa(ilures), re(ason; '' for none), sz (what it holds of the queue's bytes),
--                        ch(ange by hand that sent it again, the last one)
--   request:<id>         string: the request, as bytes
--   answer:<id>          string: the last answer, as bytes
--   <state>:<function>   sorted set: the calls in that state, by the time they were accepted
--   order:<function>     sorted set: the waiting calls, in the order in which they run
--   line                 sorted set: functions with waiting calls; who was served longest ago comes first
--   due, leases, kept    sorted sets: delayed, running and ended calls, by the time when that is over
--   key:<function>:<key> string: the call that came first with this idempotency key
--   functions            set: the functions that have calls
--   wake                 list: a token when there is something to take
--   counter, bytes       numbers: the last place in line; bytes held
--   swept, grace         times: the last sweep; no lease is taken away before

local prefix = KEYS[1]
local callBytes = 700
local states = { 'waiting', 'delayed', 'running', 'done', 'dead', 'cancelled' }
local fields = { 'fn', 'st', 'ac', 'tr', 'fa', 'at', 're' }

local function key(kind, of)
  if of then return prefix .. ':' .. kind .. ':' .. of end
  return prefix .. ':' .. kind
end

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function wake()
  if redis.call('LLEN', key('wake')) == 0 then redis.call('LPUSH', key('wake'), 1) end
end

-- Puts a call into the line of its function. Priority counts before the order of coming.
local function wait(id, fn, priority, accepted)
  local place = redis.call('INCR', key('counter'))
  redis.call('ZADD', key('waiting', fn), accepted, id)
  redis.call('ZADD', key('order', fn), (9 - priority) * 2 ^ 48 + place, id)
  if redis.call('ZADD', key('line'), 'NX', place, fn) == 1 then redis.call('SADD', key('functions'), fn) end
  wake()
end

-- Takes a call out of the sets of its state; the caller puts it into those of the next one.
local function leave(id, fn, state)
  redis.call('ZREM', key(state, fn), id)
  if state == 'delayed' then
    redis.call('ZREM', key('due'), id)
  elseif state == 'running' then
    redis.call('ZREM', key('leases'), id)
  elseif state == 'waiting' then
    redis.call('ZREM', key('order', fn), id)
    if redis.call('EXISTS', key('order', fn)) == 0 then redis.call('ZREM', key('line'), fn) end
  else
    redis.call('ZREM', key('kept'), id)
  end
end

local function forget(id, fn, state)
  leave(id, fn, state)
  redis.call('DECRBY', key('bytes'), redis.call('HGET', key('call', id), 'sz'))
  redis.call('DEL', key('call', id), key('request', id), key('answer', id))
end
