import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: without it, each waits 40 ms for the kernel
    disable_nagle_algorithm = True

    def do_GET(self):
        answer = json.dumps({"hello": "bees"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # a load generator hangs up as it likes


Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
