<?php
declare(strict_types=1);

namespace Skep;

/** What has come on a connection and is not read yet: heads and bodies, as far as they are there. */
final class Input
{
    private const MAX_HEAD = 65536;

    private string $bytes = '';
    private string $chunks = '';

    public function add(string $part): void
    {
        $this->bytes .= $part;
    }

    /** The next request's head, or null: it is not whole yet. */
    public function head(): ?Head
    {
        $end = strpos($this->bytes, "\r\n\r\n");
        if ($end === false) {
            return strlen($this->bytes) > self::MAX_HEAD ? throw new BadRequest('its head is too long') : null;
        }
        $head = new Head(substr($this->bytes, 0, $end));
        $this->bytes = substr($this->bytes, $end + 4);
        $this->chunks = '';
        return $head;
    }

    /** The body of that request, or null: it is not whole yet. */
    public function body(Head $head): ?string
    {
        return $head->isChunked ? $this->readChunks() : $this->take($head->length);
    }

    /** As long as its body is at least, for all that is known. */
    public function lengthOf(Head $head): int
    {
        return $head->isChunked ? strlen($this->chunks) + strlen($this->bytes) : $head->length;
    }

    private function take(int $length): ?string
    {
        if (strlen($this->bytes) < $length) {
            return null;
        }
        $body = substr($this->bytes, 0, $length);
        $this->bytes = substr($this->bytes, $length);
        return $body;
    }

    private function readChunks(): ?string
    {
        while (($end = strpos($this->bytes, "\r\n")) !== false) {
            $size = hexdec(explode(';', substr($this->bytes, 0, $end))[0]);
            if (strlen($this->bytes) < $end + 4 + $size) {
                return null;
            }
            $this->chunks .= substr($this->bytes, $end + 2, $size);
            $this->bytes = substr($this->bytes, $end + 4 + $size);
            if ($size === 0) {
                return $this->chunks;
            }
        }
        return null;
    }
}
