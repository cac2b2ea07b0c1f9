require "json"
require "time"

module Skep
  # Not an error of sockets in general: those a handler has of its own, when its database is away.
  class CallerLeft < StandardError; end

  # Writes what a handler returned.
  class Answer
    PHRASES = { 200 => "OK", 201 => "Created", 204 => "No Content", 304 => "Not Modified", 400 => "Bad Request",
                404 => "Not Found", 413 => "Payload Too Large", 429 => "Too Many Requests",
                500 => "Internal Server Error", 503 => "Service Unavailable" }.freeze

    OURS = %w[content-length transfer-encoding connection].freeze

    def self.error(status, message)
      new({ "statusCode" => status, "body" => { "error" => message } })
    end

    def initialize(value)
      @status, @headers, @body = shaped?(value) ? unfold(value) : [200, {}, value]
      return if @status.is_a?(Integer) && @status.between?(200, 599)

      raise ArgumentError, "The handler answered with status #{@status.inspect}; it must be a number from 200 to 599."
    end

    # False when the answer broke off, so that the connection must end. `fields` are the runtime's own headers.
    def write(stream, request, fields)
      bodiless = [204, 304].include?(@status)
      return write_stream(stream, request, fields, bodiless) if streamed?

      type, data = typed
      fields = { **fields, "Content-Length" => data.bytesize } unless bodiless
      head = head_of(fields, bodiless ? nil : type)
      send_to(stream, request.http_method == "HEAD" || bodiless ? head : head << data)
      true
    end

    # Writing the date is a tenth of an answer's work, and it changes once a second.
    def self.date
      now = Process.clock_gettime(Process::CLOCK_REALTIME, :second)
      at, text = @date
      return text if at == now

      @date = [now, Time.at(now).httpdate]
      @date[1]
    end

    private

    # {"statusCode", "headers", "body"}, or "status" for "statusCode"; symbols as well. {"status" => "done"} is data.
    def shaped?(value)
      return false unless value.is_a?(Hash)

      code, status = %i[statusCode status].map { |name| value[name] || value[name.to_s] }
      code.is_a?(Integer) || (status.is_a?(Integer) && %i[body headers].any? { |name| value.key?(name) || value.key?(name.to_s) })
    end

    def unfold(value)
      fields = value.transform_keys(&:to_s)
      [fields["statusCode"] || fields["status"], fields["headers"] || {}, fields["body"]]
    end

    def streamed?
      @body.is_a?(Enumerator) || @body.is_a?(IO)
    end

    # The content type of a plain value, and the value as bytes.
    def typed
      case @body
      when nil then [nil, "".b]
      when String then @body.encoding == Encoding::BINARY ? ["application/octet-stream", @body] : ["text/plain; charset=utf-8", @body.b]
      else ["application/json", JSON.generate(@body).b]
      end
    end

    # The handler's content type wins over ours; the length and the framing of the body are ours.
    def head_of(fields, type)
      lines = ["HTTP/1.1 #{@status} #{PHRASES[@status]}", "Date: #{self.class.date}"]
      lines.concat(fields.map { |name, value| "#{name}: #{value}" })
      @headers.each do |name, value|
        next if value.nil? || OURS.include?(name.to_s.downcase)

        type = nil if name.to_s.casecmp?("content-type")
        Array(value).each { |one| lines << "#{name}: #{one}" }
      end
      lines << "Content-Type: #{type}" if type
      head = lines.join("\r\n")
      # As many line breaks as there are lines, or a header brought one of its own.
      raise ArgumentError, "A header must not contain a line break." if head.count("\r\n") > 2 * (lines.size - 1)

      (head << "\r\n\r\n").b
    end

    def write_stream(stream, request, fields, bodiless)
      send_to(stream, head_of({ **fields, "Transfer-Encoding" => "chunked" }, "application/octet-stream"))
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
      stream.write(data)
    rescue SystemCallError, IOError
      raise CallerLeft
    end
  end
end
