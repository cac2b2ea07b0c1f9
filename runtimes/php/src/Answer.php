<?php
declare(strict_types=1);

namespace Skep;

/** What a handler returned, as bytes. */
final class Answer
{
    private const PHRASES = [
        200 => 'OK', 201 => 'Created', 204 => 'No Content', 304 => 'Not Modified', 400 => 'Bad Request', 404 => 'Not Found',
        413 => 'Payload Too Large', 429 => 'Too Many Requests', 500 => 'Internal Server Error', 503 => 'Service Unavailable',
    ];

    /** The whole answer, or its head if there are parts. Made before anything is sent, so it may still fail. */
    public readonly string $bytes;
    public readonly ?\Generator $parts;

    /** @param string[] $fields the runtime's own headers, as lines */
    public function __construct(mixed $value, bool $isHead, array $fields)
    {
        [$status, $headers, $body] = self::isShaped($value) ? self::unfold($value) : [200, [], $value];
        if ($status < 200 || $status > 599) {
            throw new \UnexpectedValueException("The handler answered with status $status; it must be a number from 200 to 599.");
        }
        $isBodiless = $status === 204 || $status === 304;
        if (is_resource($body)) {
            $body = self::partsOf($body);
        }
        if ($body instanceof \Generator) {
            $this->bytes = self::head($status, $headers, [...$fields, 'Transfer-Encoding: chunked'], 'application/octet-stream');
            $this->parts = $isHead || $isBodiless ? null : $body;
            return;
        }
        [$type, $data] = self::typed($body);
        $framing = $isBodiless ? [] : ['Content-Length: ' . strlen($data)];
        $head = self::head($status, $headers, [...$fields, ...$framing], $isBodiless ? null : $type);
        $this->bytes = $isHead || $isBodiless ? $head : $head . $data;
        $this->parts = null;
    }

    public static function error(int $status, string $message): array
    {
        return ['statusCode' => $status, 'body' => ['error' => $message]];
    }

    /** ['statusCode', 'headers', 'body'], or 'status' for 'statusCode'. ['status' => 'done'] is data. */
    private static function isShaped(mixed $value): bool
    {
        return is_array($value) && (is_int($value['statusCode'] ?? null)
            || (is_int($value['status'] ?? null) && (array_key_exists('body', $value) || array_key_exists('headers', $value))));
    }

    private static function unfold(array $value): array
    {
        return [$value['statusCode'] ?? $value['status'], $value['headers'] ?? [], $value['body'] ?? null];
    }

    /** The content type of a plain value, and the value as bytes. Text is what is UTF-8. */
    private static function typed(mixed $body): array
    {
        if ($body === null) {
            return [null, ''];
        }
        if (is_string($body)) {
            return [preg_match('//u', $body) ? 'text/plain; charset=utf-8' : 'application/octet-stream', $body];
        }
        $flags = JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES;
        return ['application/json', json_encode($body, $flags)];
    }

    /** The handler's content type wins over ours; the length and the framing of the body are ours. */
    private static function head(int $status, array $headers, array $fields, ?string $type): string
    {
        $lines = ["HTTP/1.1 $status " . (self::PHRASES[$status] ?? ''), 'Date: ' . gmdate('D, d M Y H:i:s') . ' GMT', ...$fields];
        foreach ($headers as $name => $value) {
            $key = strtolower((string) $name);
            if ($value === null || in_array($key, ['content-length', 'transfer-encoding', 'connection'], true)) {
                continue;
            }
            $type = $key === 'content-type' ? null : $type;
            foreach ((array) $value as $one) {
                $lines[] = "$name: $one";
            }
        }
        if ($type !== null) {
            $lines[] = "Content-Type: $type";
        }
        foreach ($lines as $line) {
            if (strpbrk($line, "\r\n") !== false) {
                throw new \UnexpectedValueException('A header must not contain a line break.');
            }
        }
        return implode("\r\n", $lines) . "\r\n\r\n";
    }

    /** @param resource $file */
    private static function partsOf($file): \Generator
    {
        while (!feof($file)) {
            yield fread($file, 65536);
        }
    }
}
