# frozen_string_literal: true

require "json"
require "uri"

module Skep
  # The caller's mistake, not the handler's.
  class BadBody < StandardError; end

  # The request as a handler sees it.
  class Event
    attr_reader :method, :path, :query, :raw_body, :body

    def initialize(request, raw)
      @request = request
      @method = request.http_method
      @path = request.path
      @query = request.query ? parse_form(request.query) : {}
      @raw_body = raw
      @body = raw.empty? ? +"" : parse(headers.fetch("content-type", ""))
    end

    def headers
      @request.headers
    end

    def text
      raw_body.dup.force_encoding(Encoding::UTF_8).scrub
    end

    private

    # `a=1&b=2&a=3` as {"a" => ["1", "3"], "b" => "2"}.
    def parse_form(text)
      return {} if text.empty?

      fields = URI.decode_www_form(text).group_by(&:first)
      fields.transform_values { |pairs| pairs.one? ? pairs[0][1] : pairs.map(&:last) }
    rescue ArgumentError => error
      raise BadBody, "A form cannot be read: #{error.message}"
    end

    def parse(content_type)
      case content_type.split(";").first.to_s.strip.downcase
      when %r{[/+]json\z} then parse_json
      when "application/x-www-form-urlencoded" then parse_form(text)
      when %r{\Atext/|[/+]xml\z} then text
      else raw_body
      end
    end

    def parse_json
      JSON.parse(text)
    rescue JSON::ParserError => error
      raise BadBody, "The body is not JSON: #{error.message.lines.first&.strip}"
    end
  end
end
