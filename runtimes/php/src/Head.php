<?php
declare(strict_types=1);

namespace Skep;

/** The head of a request; header names are in lower case. */
final class Head
{
    public readonly string $method;
    public readonly string $path;
    public readonly string $query;
    public readonly array $headers;
    public readonly bool $isOld;
    public readonly bool $isChunked;
    public readonly int $length;

    public function __construct(string $text)
    {
        $lines = explode("\r\n", $text);
        $first = explode(' ', array_shift($lines));
        if (count($first) !== 3) {
            throw new BadRequest('its first line is not one of HTTP');
        }
        [$this->method, $target, $version] = $first;
        [$this->path, $this->query] = explode('?', $target, 2) + [1 => ''];
        $headers = [];
        foreach ($lines as $line) {
            [$name, $value] = explode(':', $line, 2) + [1 => ''];
            $name = strtolower($name);
            $headers[$name] = (isset($headers[$name]) ? $headers[$name] . ', ' : '') . trim($value);
        }
        $length = $headers['content-length'] ?? '0';
        if (!preg_match('/^\d+$/', $length)) {
            throw new BadRequest("its length is \"$length\"");
        }
        $this->headers = $headers;
        $this->isOld = $version === 'HTTP/1.0';
        $this->isChunked = isset($headers['transfer-encoding']);
        $this->length = (int) $length;
    }

    public function keepsAlive(): bool
    {
        return strtolower($this->headers['connection'] ?? ($this->isOld ? 'close' : 'keep-alive')) !== 'close';
    }
}
