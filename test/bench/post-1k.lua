-- For wrk: posts a kilobyte.
wrk.method = 'POST'
wrk.body = string.rep('x', 1024)
wrk.headers['Content-Type'] = 'text/plain'
