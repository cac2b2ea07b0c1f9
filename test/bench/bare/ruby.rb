# Ruby has no HTTP server of its own any more: the least that reads a request and answers it.
require "socket"

server = TCPServer.new("127.0.0.1", Integer(ENV.fetch("PORT")))
answer = %({"hello":"bees"})
reply = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: #{answer.bytesize}\r\n\r\n#{answer}"
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
      client.write(reply)
    end
  rescue SystemCallError
    nil
  ensure
    client.close
  end
end
