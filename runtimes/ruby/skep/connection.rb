# frozen_string_literal: true

require "io/wait"
require "socket"
require_relative "answer"
require_relative "event"
require_relative "request"

module Skep
  # What a handler gets beside the event.
  class Context
    def initialize(event)
      @event = event
    end

    def call_id
      @event.headers["x-call-id"]
    end
  end

  # One connection, from its first request to its last.
  class Connection
    ENDS = "Connection: close\r\n"

    attr_reader :stream

    def initialize(stream, server)
      stream.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
      stream.sync = true
      @stream = stream
      @server = server
      @reader = Reader.new(stream)
    end

    # More than the last request has been read.
    def read_ahead?
      @reader.read_ahead?
    end

    # There is something to serve, or an end.
    def come?
      @reader.come?
    end

    # Answers one request; false when the connection ends with it.
    def serve_one
      @request = @reader.read_head
      return false unless @request

      route
    rescue BadRequest => error
      @stream.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
      warn "A request that is no HTTP: #{error.message}"
      false
    rescue CallerLeft, SystemCallError, IOError
      false
    end

    def close
      @stream.close
    end

    private

    def route
      @started = now
      case @request.path
      when "/_/health" then say(200, "OK")
      when "/_/ready" then say(*@server.readiness)
      else count_and_serve
      end
    end

    def count_and_serve
      unless @server.begin_request
        return refuse(429, "This replica already serves #{@server.max_in_flight} requests.", "Retry-After: 1\r\n")
      end

      begin
        serve
      ensure
        @server.end_request
      end
    end

    def serve
      reason = @server.why_not_loaded
      return refuse(503, reason) if reason

      event = Event.new(@request, @reader.read_body(@server.max_body_bytes))
      answer(event)
    rescue BodyTooLarge
      refuse(413, "The body is larger than #{@server.max_body_bytes} bytes.")
    rescue BadBody => error
      refuse(400, error.message)
    end

    def answer(event)
      write(Answer.new(@server.handler.call(event, Context.new(event))))
    rescue CallerLeft
      raise
    rescue StandardError, ScriptError, SystemExit => error
      warn error.full_message(highlight: false)
      refuse(500, error.message)
    end

    def say(status, text)
      write(Answer.new({ "statusCode" => status, "body" => text }))
    end

    def refuse(status, message, fields = "")
      write(Answer.error(status, message), fields)
    end

    # `fields` are more lines of the head.
    def write(answer, fields = "")
      stays = @request.keep_alive? && @reader.at_end? && !@server.draining
      seconds = (now - @started).to_s.rjust(7, "0").insert(-7, ".")
      whole = answer.write(@stream, @request, "X-Duration-Seconds: #{seconds}\r\n#{fields}#{ENDS unless stays}")
      return true if stays && whole

      discard if whole && !@reader.at_end?
      false
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC, :microsecond)
    end

    # A caller who still sends would lose the answer if the connection were just closed.
    def discard
      @stream.shutdown(Socket::SHUT_WR)
      nil while @stream.wait_readable(2) && @stream.read_nonblock(65_536, exception: false)
    rescue SystemCallError, IOError
      nil # it has ended by itself
    end
  end
end
