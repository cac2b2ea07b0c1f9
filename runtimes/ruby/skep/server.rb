require "socket"
require_relative "connection"

module Skep
  # Serves one handler, a thread a connection. It listens while the handler loads, so that `/_/ready` can say why not.
  class Server
    attr_reader :handler, :max_in_flight, :max_body_bytes, :draining

    def initialize(max_in_flight:, max_body_bytes:)
      @max_in_flight = max_in_flight
      @max_body_bytes = max_body_bytes
      @not_ready = "loading"
      @in_flight = 0
      @connections = {}
      @lock = Mutex.new
      @change = ConditionVariable.new
    end

    def listen(host, port)
      # No host: every address, IPv6 too.
      @listener = TCPServer.new(host.empty? ? "::" : host, port)
      @listener.listen(1024)
      Thread.new { accept }
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
        @change.broadcast
      end
    end

    # Accepts no more connections and returns when all that is in flight has been answered.
    def drain
      @draining = true
      @listener.close
      @lock.synchronize do
        @connections.each_key(&:close_if_idle)
        @change.wait(@lock) until @in_flight.zero?
      end
    end

    def forget(connection)
      @lock.synchronize { @connections.delete(connection) }
    end

    private

    def full?
      @max_in_flight.positive? && @in_flight >= @max_in_flight
    end

    def accept
      loop do
        connection = Connection.new(@listener.accept, self)
        @lock.synchronize { @connections[connection] = true }
        Thread.new { connection.run }.report_on_exception = true
      end
    rescue IOError, Errno::EBADF
      nil # drain closed the listener
    end
  end
end
