<?php
declare(strict_types=1);

namespace Skep;

/** One connection. It never waits: it goes on as far as it can each time it gets its turn. */
final class Connection
{
    private const MAX_HEAD = 65536;

    private string $in = '';
    private string $out = '';
    private ?Head $head = null;
    private string $chunks = '';
    private ?\Generator $parts = null;
    private bool $counts = false;
    private bool $closes = false;
    private bool $lingers = false;
    private float $started = 0.0;

    /** @param resource $stream */
    public function __construct(public readonly mixed $stream, private Server $server)
    {
    }

    public function isOpen(): bool
    {
        return is_resource($this->stream);
    }

    public function wantsToWrite(): bool
    {
        return $this->out !== '';
    }

    public function hasParts(): bool
    {
        return $this->parts !== null && $this->out === '';
    }

    public function proceed(): void
    {
        if ($this->out !== '') {
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
        $this->in .= $part;
        $this->read();
    }

    /** The next part of a stream, if the last one has been sent. */
    public function nextPart(): void
    {
        if (!$this->hasParts() || !$this->isOpen()) {
            return;
        }
        try {
            $isThere = $this->parts->valid();
            $part = $isThere ? (string) $this->parts->current() : '';
            if ($isThere) {
                $this->parts->next();
            }
        } catch (\Throwable $error) {
            fwrite(STDERR, "$error\n"); // the answer is cut where it broke
            $this->close();
            return;
        }
        if ($isThere && $part !== '') {
            $this->out .= dechex(strlen($part)) . "\r\n$part\r\n";
        } elseif (!$isThere) {
            $this->parts = null;
            $this->out .= "0\r\n\r\n";
        }
        $this->flush();
    }

    private function read(): void
    {
        try {
            while ($this->parts === null && $this->isOpen() && !$this->lingers && ($this->head || $this->readHead()) && $this->readBody()) {
            }
        } catch (BadRequest $error) {
            fwrite(STDERR, "A request that is no HTTP: {$error->getMessage()}\n");
            @fwrite($this->stream, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            $this->close();
        }
    }

    private function readHead(): bool
    {
        $end = strpos($this->in, "\r\n\r\n");
        if ($end === false) {
            return strlen($this->in) > self::MAX_HEAD ? throw new BadRequest('its head is too long') : false;
        }
        $this->head = new Head(substr($this->in, 0, $end));
        $this->in = substr($this->in, $end + 4);
        $this->chunks = '';
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
        $body = $this->head->isChunked ? $this->readChunks() : $this->take($this->head->length);
        $known = $this->head->isChunked ? strlen($this->chunks) + strlen($this->in) : $this->head->length;
        if ($most > 0 && $known > $most) {
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

    private function take(int $length): ?string
    {
        if (strlen($this->in) < $length) {
            return null;
        }
        $body = substr($this->in, 0, $length);
        $this->in = substr($this->in, $length);
        return $body;
    }

    private function readChunks(): ?string
    {
        while (($end = strpos($this->in, "\r\n")) !== false) {
            $size = hexdec(explode(';', substr($this->in, 0, $end))[0]);
            if (strlen($this->in) < $end + 4 + $size) {
                return null;
            }
            $this->chunks .= substr($this->in, $end + 2, $size);
            $this->in = substr($this->in, $end + 4 + $size);
            if ($size === 0) {
                return $this->chunks;
            }
        }
        return null;
    }

    /** @param string[] $fields further headers of the runtime, as lines */
    private function answer(mixed $value, array $fields = [], bool $isWhole = false): void
    {
        $head = $this->head;
        $isWhole = $isWhole || (!$head->isChunked && $head->length === 0);
        $this->closes = !$isWhole || !$head->keepsAlive() || $this->server->stopping;
        $duration = sprintf('X-Duration-Seconds: %.6f', microtime(true) - $this->started);
        $answer = new Answer($value, $head->method === 'HEAD', [$duration, ...$fields, ...($this->closes ? ['Connection: close'] : [])]);
        $this->out .= $answer->bytes;
        $this->parts = $answer->parts;
        $this->lingers = !$isWhole;
        $this->head = null;
        $this->flush();
    }

    private function flush(): void
    {
        $sent = $this->out === '' ? 0 : @fwrite($this->stream, $this->out);
        if ($sent === false) {
            $this->close(); // the caller left
            return;
        }
        $this->out = substr($this->out, $sent);
        if ($this->out === '' && $this->parts === null && $this->head === null) {
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
        $this->parts = null;
        fclose($this->stream);
    }
}
