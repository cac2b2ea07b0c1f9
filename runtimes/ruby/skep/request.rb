module Skep
  class BadRequest < StandardError; end
  class BodyTooLarge < StandardError; end

  # The head of a request; header names are in lower case.
  class Request
    attr_reader :http_method, :path, :query, :headers, :version

    def initialize(head)
      line, *fields = head.split("\r\n")
      @http_method, target, @version = line.to_s.split(" ")
      raise BadRequest, "its first line is #{line.inspect}" unless @version&.start_with?("HTTP/")

      @path, @query = target.split("?", 2)
      @headers = {}
      fields.each do |field|
        name, value = field.split(":", 2)
        name = name.downcase
        value = value.to_s.strip.force_encoding(Encoding::UTF_8)
        @headers[name] = @headers.key?(name) ? "#{@headers[name]}, #{value}" : value
      end
    end

    def keep_alive?
      @headers.fetch("connection", @version == "HTTP/1.0" ? "close" : "keep-alive").downcase != "close"
    end
  end

  # Reads requests from a connection.
  class Reader
    MAX_HEAD = 64 * 1024

    def initialize(stream)
      @stream = stream
    end

    # The next request, or nil at the end of the connection.
    def read_head
      head = +""
      until (line = @stream.gets("\r\n", MAX_HEAD)) == "\r\n"
        return if line.nil?

        head << line
        raise BadRequest, "its head is too long" if head.bytesize > MAX_HEAD
      end
      request = Request.new(head)
      @chunked = request.headers.key?("transfer-encoding")
      @length = Integer(request.headers.fetch("content-length", "0"), 10)
      @expects = request.headers["expect"]&.casecmp?("100-continue")
      request
    rescue ArgumentError => error
      raise BadRequest, error.message
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

    private

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
      (@stream.gets("\r\n", MAX_HEAD) || raise(EOFError)).chomp("\r\n")
    end

    def take(size)
      bytes = @stream.read(size)
      raise EOFError if bytes.nil? || bytes.bytesize < size

      bytes
    end
  end
end
