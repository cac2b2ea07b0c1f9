require_relative "handler"

Event = Struct.new(:method, :path, :query, :headers, :body, keyword_init: true)
Context = Struct.new(:call_id)

def check(what, expected, **given)
  said = handle(Event.new(method: "POST", path: "/", query: {}, headers: {}, body: "", **given), Context.new("1"))
  abort "not ok: #{what}: #{said.inspect}" unless said == expected
  puts "ok: #{what}"
end

check "greets whom the body names", { message: "Hello, Maja!" }, body: { "name" => "Maja" }
check "greets the world when nobody is named", { message: "Hello, World!" }
