# Answers every request. What `event` and `context` have, and what may be returned: README.md.
def handle(event, context)
  asked = event.body.is_a?(Hash) ? event.body : event.query
  puts "call #{context.call_id}: #{event.method} #{event.path}"
  { message: "Hello, #{asked.fetch("name", "World")}!" }
end
