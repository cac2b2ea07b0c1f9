# The server that most Ruby applications run on, with the same answer: for reference.
require "json"

run(lambda do |_environment|
  answer = JSON.generate({ hello: "bees" })
  [200, { "Content-Type" => "application/json", "Content-Length" => answer.bytesize.to_s }, [answer]]
end)
