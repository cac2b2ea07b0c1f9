<?php
declare(strict_types=1);

namespace Skep;

/** The request as a handler sees it. */
final class Event
{
    public readonly string $method;
    public readonly string $path;
    public readonly array $query;
    public readonly array $headers;
    public readonly mixed $body;

    public function __construct(Head $head, public readonly string $rawBody)
    {
        $this->method = $head->method;
        $this->path = $head->path;
        $this->query = self::form($head->query);
        $this->headers = $head->headers;
        $this->body = $rawBody === '' ? '' : self::parse($rawBody, $head->headers['content-type'] ?? '');
    }

    private static function parse(string $raw, string $contentType): mixed
    {
        $type = strtolower(trim(explode(';', $contentType, 2)[0]));
        if (preg_match('~[/+]json$~', $type)) {
            try {
                return json_decode($raw, true, 512, JSON_THROW_ON_ERROR);
            } catch (\JsonException $error) {
                throw new BadBody('The body is not JSON: ' . $error->getMessage());
            }
        }
        return $type === 'application/x-www-form-urlencoded' ? self::form($raw) : $raw;
    }

    /** `a=1&b=2&a=3` as ['a' => ['1', '3'], 'b' => '2']; unlike parse_str, which keeps the last and renames some. */
    private static function form(string $text): array
    {
        $fields = [];
        foreach (array_filter(explode('&', $text), fn ($pair) => $pair !== '') as $pair) {
            [$name, $value] = array_map(urldecode(...), explode('=', $pair, 2) + [1 => '']);
            $fields[$name] = isset($fields[$name]) ? [...(array) $fields[$name], $value] : $value;
        }
        return $fields;
    }
}
