<?php
declare(strict_types=1);

namespace Skep;

/** What is still to be sent on a connection: bytes, and then perhaps the parts of a stream. */
final class Output
{
    private string $bytes = '';
    private ?\Generator $parts = null;
    private bool $hasGivenOne = false;

    /** @param resource $stream */
    public function __construct(private readonly mixed $stream)
    {
    }

    public function isWaiting(): bool
    {
        return $this->bytes !== '';
    }

    /** A stream has not been sent to its end. */
    public function isStreaming(): bool
    {
        return $this->parts !== null;
    }

    public function add(string $bytes, ?\Generator $parts = null): void
    {
        $this->bytes .= $bytes;
        $this->parts = $parts;
        $this->hasGivenOne = false;
    }

    /** Asks the stream for its next part. Throws what the handler throws. */
    public function nextPart(): void
    {
        if ($this->hasGivenOne) {
            $this->parts->next(); // not before the last one is sent: the handler may wait for what comes next
        }
        $this->hasGivenOne = true;
        $isThere = $this->parts->valid();
        $part = $isThere ? (string) $this->parts->current() : '';
        if ($isThere && $part !== '') {
            $this->bytes .= dechex(strlen($part)) . "\r\n$part\r\n";
        } elseif (!$isThere) {
            $this->parts = null;
            $this->bytes .= "0\r\n\r\n";
        }
    }

    /** Sends as much as the caller takes now. False if the caller left. */
    public function flush(): bool
    {
        $sent = $this->bytes === '' ? 0 : @fwrite($this->stream, $this->bytes);
        if ($sent === false) {
            return false;
        }
        $this->bytes = substr($this->bytes, $sent);
        return true;
    }

    public function stop(): void
    {
        $this->parts = null;
    }
}
