require "socket"
require_relative "connection"
require_relative "crew"

module Skep
  # Serves one handler. It listens while the handler loads, so that `/_/ready` can say why not.
  class Server
    attr_reader :handler, :max_in_flight, :max_body_bytes, :draining

    def initialize(max_in_flight:, max_body_bytes:)
      @max_in_flight = max_in_flight
      @max_body_bytes = max_body_bytes
      @not_ready = "loading"
      @in_flight = 0
      @lock = Mutex.new
      @change = ConditionVariable.new
    end

    def listen(host, port)
      # No host: every address, IPv6 too.
      listener = TCPServer.new(host.empty? ? "::" : host, port)
      listener.listen(1024)
      @crew = Crew.new(listener) { |stream| Connection.new(stream, self) }
    end

    def loaded(handler)
      @lock.synchronize do
        @handler = handler
        @not_ready = nil
        @change.broadcast
      end
    end

    def not_loaded(reason)
      @lock.synchronize do
        @not_ready = "cannot load: #{reason}"
        @load_failed = true
        @change.broadcast
      end
    end

    # Waits for a handler that still loads: for callers who did not ask `/_/ready`.
    def why_not_loaded
      return if @handler

      @lock.synchronize { @change.wait(@lock) until @handler || @load_failed }
      @not_ready
    end

    def readiness
      return [503, "stopping"] if @draining
      return [503, @not_ready] if @not_ready

      full? ? [429, "busy"] : [200, "OK"]
    end

    # Counts one request more, unless there are too many already.
    def begin_request
      @lock.synchronize { full? ? false : @in_flight += 1 }
    end

    def end_request
      @lock.synchronize do
        @in_flight -= 1
        @change.broadcast if @draining
      end
    end

    # Accepts no more connections and returns when all that is in flight has been answered.
    def drain
      @draining = true
      @crew.close
      @lock.synchronize { @change.wait(@lock) until @in_flight.zero? }
    end

    private

    def full?
      @max_in_flight.positive? && @in_flight >= @max_in_flight
    end
  end
end
