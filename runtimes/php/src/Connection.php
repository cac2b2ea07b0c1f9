<?php
declare(strict_types=1);

namespace Skep;

/** One connection. It never waits: it goes on as far as it can each time it gets its turn. */
final class Connection
{
    private readonly Input $in;
    private readonly Output $out;
    private ?Head $head = null;
    private bool $counts = false;
    private bool $closes = false;
    private bool $lingers = false;
    private float $started = 0.0;

    /** @param resource $stream */
    public function __construct(public readonly mixed $stream, private Server $server)
    {
        $this->in = new Input();
        $this->out = new Output($stream);
    }

    public function isOpen(): bool
    {
        return is_resource($this->stream);
    }

    public function wantsToWrite(): bool
    {
        return $this->out->isWaiting();
    }

    public function hasParts(): bool
    {
        return $this->out->isStreaming() && !$this->out->isWaiting();
    }

    public function proceed(): void
    {
        if ($this->out->isWaiting()) {
            $this->flush();
            return;
        }
        $part = @fread($this->stream, 1 << 20);
        if ($part === '' || $part === false) {
            if (feof($this->stream)) {
                $this->close();
            }
            return;
        }
        if ($this->lingers) {
            return; // what a refused caller still sends is for nobody
        }
        $this->in->add($part);
        $this->read();
    }

    /** The next part of a stream, if the last one has been sent. */
    public function nextPart(): void
    {
        if (!$this->hasParts() || !$this->isOpen()) {
            return;
        }
        try {
            $this->out->nextPart();
        } catch (\Throwable $error) {
            fwrite(STDERR, "$error\n"); // the answer is cut where it broke
            $this->close();
            return;
        }
        $this->flush();
    }

    private function read(): void
    {
        try {
            while (!$this->out->isStreaming() && $this->isOpen() && !$this->lingers && ($this->head || $this->readHead()) && $this->readBody()) {
            }
        } catch (BadRequest $error) {
            fwrite(STDERR, "A request that is no HTTP: {$error->getMessage()}\n");
            @fwrite($this->stream, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            $this->close();
        }
    }

    private function readHead(): bool
    {
        $this->head = $this->in->head();
        if ($this->head === null) {
            return false;
        }
        $this->started = microtime(true);
        return $this->admit();
    }

    /** Answers what needs no body. True if the handler is to be called. */
    private function admit(): bool
    {
        $server = $this->server;
        [$status, $text] = match ($this->head->path) {
            '/_/health' => [200, 'OK'],
            '/_/ready' => $server->readiness(),
            default => [0, ''],
        };
        if ($status !== 0) {
            $this->answer(['statusCode' => $status, 'body' => $text]);
        } elseif ($server->isFull()) {
            $this->answer(Answer::error(429, "This replica already serves {$server->maxInFlight} requests."), ['Retry-After: 1']);
        } elseif ($server->handler === null) {
            $this->answer(Answer::error(503, $server->readiness()[1]));
        } else {
            $server->inFlight++;
            $this->counts = true;
            if (strtolower($this->head->headers['expect'] ?? '') === '100-continue') {
                @fwrite($this->stream, "HTTP/1.1 100 Continue\r\n\r\n");
            }
            return true;
        }
        return false;
    }

    /** True when the request has been answered, so that the next may follow. */
    private function readBody(): bool
    {
        $most = $this->server->maxBodyBytes;
        $body = $this->in->body($this->head);
        if ($most > 0 && $this->in->lengthOf($this->head) > $most) {
            $this->answer(Answer::error(413, "The body is larger than $most bytes."));
            return false;
        }
        if ($body === null) {
            return false;
        }
        $head = $this->head;
        try {
            $this->answer($this->server->handler->call(new Event($head, $body)), [], true);
        } catch (BadBody $error) {
            $this->answer(Answer::error(400, $error->getMessage()), [], true);
        } catch (\Throwable $error) {
            fwrite(STDERR, "$error\n");
            $this->answer(Answer::error(500, $error->getMessage()), [], true);
        }
        return true;
    }

    /** @param string[] $fields further headers of the runtime, as lines */
    private function answer(mixed $value, array $fields = [], bool $isWhole = false): void
    {
        $head = $this->head;
        $isWhole = $isWhole || (!$head->isChunked && $head->length === 0);
        $this->closes = !$isWhole || !$head->keepsAlive() || $this->server->stopping;
        $duration = sprintf('X-Duration-Seconds: %.6f', microtime(true) - $this->started);
        $answer = new Answer($value, $head->method === 'HEAD', [$duration, ...$fields, ...($this->closes ? ['Connection: close'] : [])]);
        $this->out->add($answer->bytes, $answer->parts);
        $this->lingers = !$isWhole;
        $this->head = null;
        $this->flush();
    }

    private function flush(): void
    {
        if (!$this->out->flush()) {
            $this->close(); // the caller left
        } elseif (!$this->out->isWaiting() && !$this->out->isStreaming() && $this->head === null) {
            $this->finish();
        }
    }

    private function finish(): void
    {
        $this->stopCounting();
        if ($this->lingers) {
            @stream_socket_shutdown($this->stream, STREAM_SHUT_WR); // closing at once could lose the answer
        } elseif ($this->closes) {
            $this->close();
        }
    }

    private function stopCounting(): void
    {
        $this->server->inFlight -= $this->counts ? 1 : 0;
        $this->counts = false;
    }

    private function close(): void
    {
        $this->stopCounting();
        $this->out->stop();
        fclose($this->stream);
    }
}
