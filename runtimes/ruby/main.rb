# Serves the handler in a folder over HTTP until SIGTERM. Configured by the environment: see README.md.
require_relative "skep/load"
require_relative "skep/server"

def whole(name, otherwise)
  text = ENV.fetch(name, "")
  return otherwise if text.empty?
  return text.to_i if text.match?(/\A\d+\z/)

  abort %(#{name} must be a whole number, not "#{text}".)
end

# A line is in the log when it is printed, also in a pipe.
$stdout.sync = true
stop = Queue.new
%w[TERM INT].each { |signal| trap(signal) { stop << signal } }

server = Skep::Server.new(max_in_flight: whole("MAX_INFLIGHT", 0), max_body_bytes: whole("MAX_BODY_BYTES", 100 * 1024 * 1024))
server.listen(ENV["HOST"].to_s, whole("PORT", 8080))
folder = File.expand_path(ARGV.shift || ENV["HANDLER_DIR"] || "function")
begin
  server.loaded(Skep.load_handler(folder))
rescue Skep::LoadFailed => error
  warn error.cause.full_message(highlight: false) if error.cause
  warn error.message
  server.not_loaded(error.message)
end
stop.pop
server.drain
exit! 0 # a thread that the handler left behind must not keep the process
