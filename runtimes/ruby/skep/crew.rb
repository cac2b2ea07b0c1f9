# frozen_string_literal: true

module Skep
  # The threads. One of them watches all connections that wait for a request, and serves what has come; when its handler
  # waits for something, the next one watches. A thread for each connection is less to write, but each that wakes up
  # fights for Ruby's lock: that costs more than the rest of a request.
  class Crew
    # For so many milliseconds at most it looks at single connections before all are watched again.
    LOOK_MS = 2

    # The block makes a connection of a stream.
    def initialize(listener, &connect)
      @listener = listener
      @connect = connect
      @lock = Mutex.new
      @turn = ConditionVariable.new
      @waiting = 0
      @idle = {}.compare_by_identity
      @look_until = 0
      @ready = []
      @bell, @rope = IO.pipe
      Thread.new { work }
    end

    # Accepts no more connections and closes those that wait for a request.
    def close
      @lock.synchronize do
        @closing = true
        ring
      end
    end

    private

    def work
      connection = nil
      loop do
        connection = @lock.synchronize { next_connection(connection) }
        connection = nil unless serve(connection)
      end
    end

    def serve(connection)
      stays = connection.serve_one
    ensure
      connection.close unless stays
    end

    # `last` has been served and waits for its next request.
    def next_connection(last)
      keep(last) if last
      until (connection = @ready.shift || look)
        @watching ? wait_for_turn : watch
      end
      call_next
      connection
    end

    def keep(connection)
      return connection.close if @closing
      return @ready << connection if connection.read_ahead?

      @idle[connection.stream] = connection
      ring if @watching # who watches does not know of this one
    end

    # Somebody must be there to go on when this thread's handler waits. It wakes up only then, for it needs Ruby's lock.
    def call_next
      return if @called

      @called = true
      @waiting.positive? ? @turn.signal : Thread.new { start }
    rescue ThreadError
      @called = false # no more threads are allowed: this one goes on alone
    end

    def start
      @lock.synchronize { @called = false }
      work
    end

    def wait_for_turn
      @waiting += 1
      @turn.wait(@lock)
      @waiting -= 1
      @called = false
    end

    # Under load, the connection that has waited longest mostly has its next request. To ask it alone costs a tenth of
    # watching all, where the threads change too; but the others and the listener must have their turn.
    def look
      return if @watching || now > @look_until

      stream, connection = @idle.shift
      return connection if connection.nil? || connection.come?

      @idle[stream] = connection
      nil
    end

    def watch
      @watching = true
      come, = unlocked { IO.select(@closing ? [@bell] : [@bell, @listener, *@idle.keys]) }
      come.each { |stream| admit(stream) }
      close_idle if @closing
      @look_until = now + LOOK_MS
    ensure
      @watching = false
    end

    def unlocked
      @lock.unlock
      yield
    ensure
      @lock.lock
    end

    def admit(stream)
      case stream
      when @bell then @bell.read_nonblock(1024, exception: false)
      when @listener then accept
      else @ready << @idle.delete(stream)
      end
    end

    def accept
      stream = @listener.accept_nonblock(exception: false)
      return if stream == :wait_readable # who knocked has left

      @idle[stream] = @connect.call(stream)
    rescue SystemCallError
      stream&.close # this one has left, or there are too many
    end

    def close_idle
      @listener.close
      @idle.each_value(&:close)
      @idle.clear
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC, :millisecond)
    end

    def ring
      @rope.write_nonblock(".", exception: false)
    end
  end
end
