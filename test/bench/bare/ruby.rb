# Ruby has no HTTP server of its own any more: the least that reads a request and answers it.
require "json"
require "socket"

server = TCPServer.new("127.0.0.1", Integer(ENV.fetch("PORT")))
head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
loop do
  Thread.new(server.accept) do |client|
    client.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
    while (first = client.gets)
      first.split(" ")
      headers = {}
      until (line = client.gets) == "\r\n"
        name, value = line.split(":", 2)
        headers[name.downcase] = value.strip
      end
      answer = JSON.generate({ hello: "bees" })
      client.write("#{head}#{answer.bytesize}\r\n\r\n#{answer}")
    end
  rescue SystemCallError
    nil
  ensure
    client.close
  end
end
