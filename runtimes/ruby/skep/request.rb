# frozen_string_literal: true

module Skep
  class BadRequest < StandardError; end
  class BodyTooLarge < StandardError; end

  # The head of a request. Its fields are read when somebody asks for them: most handlers do not, and it is half the work.
  class Request
    # What says how the request and its connection end.
    FRAMING = /^(?:content-length|transfer-encoding|connection|expect):/i

    attr_reader :http_method, :path, :query

    def initialize(head)
      @head = head
      @http_method, target, @version = head.split(" ", 4)
      raise BadRequest, "its first line is #{head.lines.first.inspect}" unless @version&.start_with?("HTTP/")

      @path, @query = target.include?("?") ? target.split("?", 2) : target
      @plain = !head.match?(FRAMING)
    end

    # It has no body, and says nothing of its connection.
    def plain?
      @plain
    end

    def keep_alive?
      asked = headers["connection"] unless @plain
      asked ? !asked.casecmp?("close") : @version != "HTTP/1.0"
    end

    # By names in lower case.
    def headers
      @headers ||= @head.split("\r\n").drop(1).each_with_object({}) { |field, found| add(field, found) }
    end

    private

    def add(field, found)
      name, value = field.split(":", 2)
      return unless value

      name.downcase!
      value.strip!
      value.force_encoding(Encoding::UTF_8)
      found[name] = found.key?(name) ? "#{found[name]}, #{value}" : value
    end
  end

  # Reads requests from a connection. Only `wait_readable` lets go of Ruby's lock, once a request: what reads and writes
  # by IO's other methods does so for each call, and changing threads costs more than the rest of a request.
  class Reader
    MAX_HEAD = 64 * 1024
    PART = 16 * 1024

    def initialize(stream)
      @stream = stream
      @part = String.new(capacity: PART)
      @held = "".b
    end

    # The next request, or nil at the end of the connection.
    def read_head
      until (ending = @held.index("\r\n\r\n"))
        raise BadRequest, "its head is too long" if @held.bytesize > MAX_HEAD
        return unless fill
      end
      request = Request.new(@held.slice!(0, ending + 4))
      frame(request)
      request
    rescue ArgumentError => error
      raise BadRequest, error.message
    end

    # A part of the next request has come with the last one.
    def read_ahead?
      !@held.empty?
    end

    # The body has been read.
    def at_end?
      !@chunked && @length.zero?
    end

    def read_body(most)
      return "".b if at_end?

      raise BodyTooLarge if most.positive? && @length > most

      @stream.write("HTTP/1.1 100 Continue\r\n\r\n") if @expects
      body = @chunked ? read_chunks(most) : take(@length)
      @chunked = false
      @length = 0
      body
    end

    # Something has come, be it the end of the connection.
    def come?
      receive != :wait_readable
    rescue SystemCallError
      true # who serves it finds the same
    end

    private

    # Where the body ends.
    def frame(request)
      @chunked = false
      @length = 0
      return if request.plain?

      @chunked = request.headers.key?("transfer-encoding")
      @length = Integer(request.headers.fetch("content-length", "0"), 10)
      @expects = request.headers["expect"]&.casecmp?("100-continue")
    end

    # Adds what has come, once something has; nil at the end of the connection.
    def fill
      received = receive
      received == :wait_readable ? @stream.wait_readable && @held : received
    end

    def receive
      received = @stream.read_nonblock(PART, @part, exception: false)
      @held << received if received.is_a?(String)
      received
    end

    def read_chunks(most)
      body = "".b
      while (size = Integer(line.split(";").first.to_s, 16)).positive?
        raise BodyTooLarge if most.positive? && body.bytesize + size > most

        body << take(size)
        line
      end
      nil until line.empty? # trailers
      body
    rescue ArgumentError
      raise BadRequest, "a chunk has no length"
    end

    def line
      until (ending = @held.index("\r\n"))
        raise BadRequest, "a line is too long" if @held.bytesize > MAX_HEAD
        raise EOFError unless fill
      end
      @held.slice!(0, ending + 2).chomp("\r\n")
    end

    def take(size)
      bytes = @held.slice!(0, size)
      rest = size - bytes.bytesize
      return bytes if rest.zero?

      more = @stream.read(rest)
      raise EOFError if more.nil? || more.bytesize < rest

      bytes << more
    end
  end
end
