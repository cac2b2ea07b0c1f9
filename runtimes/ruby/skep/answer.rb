# frozen_string_literal: true

require "json"
require "time"

module Skep
  # Not an error of sockets in general: those a handler has of its own, when its database is away.
  class CallerLeft < StandardError; end

  # Writes what a handler returned.
  class Answer
    FIRST_LINES = { 200 => "OK", 201 => "Created", 204 => "No Content", 304 => "Not Modified", 400 => "Bad Request",
                    404 => "Not Found", 413 => "Payload Too Large", 429 => "Too Many Requests",
                    500 => "Internal Server Error", 503 => "Service Unavailable" }
                  .to_h { |status, phrase| [status, "HTTP/1.1 #{status} #{phrase}\r\n"] }.freeze

    BYTES = "Content-Type: application/octet-stream\r\n"
    TEXT = "Content-Type: text/plain; charset=utf-8\r\n"
    JSON_TYPE = "Content-Type: application/json\r\n"

    BODILESS = [204, 304].freeze
    NONE = {}.freeze
    SHAPES = [:body, :headers, "body", "headers"].freeze
    OURS = %w[content-length transfer-encoding connection].freeze

    def self.error(status, message)
      new({ "statusCode" => status, "body" => { "error" => message } })
    end

    def initialize(value)
      @status = 200
      @headers = NONE
      @body = value
      unfold(value) if value.is_a?(Hash) && shaped?(value)
      return if @status.is_a?(Integer) && @status.between?(200, 599)

      raise ArgumentError, "The handler answered with status #{@status.inspect}; it must be a number from 200 to 599."
    end

    # False when the answer broke off, so that the connection must end. `fields` are the runtime's own lines of the head.
    def write(stream, request, fields)
      bodiless = BODILESS.include?(@status)
      return write_stream(stream, request, fields, bodiless) if streamed?

      type, data = typed
      fields = "#{fields}Content-Length: #{data.bytesize}\r\n" unless bodiless
      type = nil if bodiless
      send_to(stream, head_of(fields, type, bodiless || request.http_method == "HEAD" ? nil : data))
      true
    end

    # Writing the date is a tenth of an answer's work, and it changes once a second.
    def self.date
      now = Process.clock_gettime(Process::CLOCK_REALTIME, :second)
      at, text = @date
      return text if at == now

      @date = [now, "Date: #{Time.at(now).httpdate}\r\n"]
      @date[1]
    end

    # As JSON.generate, with one generator for each thread: making one takes longer than a small answer.
    def self.json(value)
      generator = Thread.current[:skep_json] ||= JSON::State.new
      generator.generate(value)
    rescue StandardError
      Thread.current[:skep_json] = nil # it still is as deep as where it broke off
      raise
    end

    private

    # {"statusCode", "headers", "body"}, or "status" for "statusCode"; symbols as well. {"status" => "done"} is data.
    def shaped?(value)
      return true if (value[:statusCode] || value["statusCode"]).is_a?(Integer)

      (value[:status] || value["status"]).is_a?(Integer) && SHAPES.any? { |name| value.key?(name) }
    end

    def unfold(value)
      fields = value.transform_keys(&:to_s)
      @status = fields["statusCode"] || fields["status"]
      @headers = fields["headers"] || NONE
      @body = fields["body"]
    end

    def streamed?
      @body.is_a?(Enumerator) || @body.is_a?(IO)
    end

    # The content type of a plain value, as a line of the head, and the value as bytes.
    def typed
      case @body
      when nil then [nil, ""]
      when String then @body.encoding == Encoding::BINARY ? [BYTES, @body] : [TEXT, @body.b]
      else [JSON_TYPE, self.class.json(@body).force_encoding(Encoding::BINARY)]
      end
    end

    # The head and, at once, the body if there is one. The handler's content type wins over ours.
    def head_of(fields, type, data = nil)
      own = own_lines unless @headers.empty?
      type = nil if own&.match?(/^content-type:/i)
      first = FIRST_LINES[@status] || "HTTP/1.1 #{@status} \r\n"
      "#{first}#{Answer.date}#{fields}#{own}#{type}\r\n#{data}"
    end

    def own_lines
      @headers.each_with_object("".b) do |(name, value), lines|
        next if value.nil? || OURS.include?(name.to_s.downcase)

        Array(value).each { |one| lines << line_of(name, one).b }
      end
    end

    def line_of(name, value)
      line = "#{name}: #{value}"
      raise ArgumentError, "A header must not contain a line break." if line.match?(/[\r\n]/)

      line << "\r\n"
    end

    def write_stream(stream, request, fields, bodiless)
      send_to(stream, head_of("#{fields}Transfer-Encoding: chunked\r\n", BYTES))
      return true if request.http_method == "HEAD" || bodiless

      parts.each { |part| send_to(stream, "#{part.bytesize.to_s(16)}\r\n".b << part.b << "\r\n") unless part.empty? }
      send_to(stream, "0\r\n\r\n")
      true
    rescue CallerLeft
      raise
    rescue StandardError => error
      warn error.full_message(highlight: false) # the answer is cut where it broke
      false
    end

    def parts
      return @body.lazy.map(&:to_s) if @body.is_a?(Enumerator)

      Enumerator.produce { @body.read(65_536) || raise(StopIteration) }
    end

    def send_to(stream, data)
      sent = stream.write_nonblock(data, exception: false)
      return if sent == data.bytesize

      stream.write(sent == :wait_writable ? data : data.byteslice(sent..))
    rescue SystemCallError, IOError
      raise CallerLeft
    end
  end
end
