<?php
declare(strict_types=1);

namespace Skep;

/** Finds the handler, and calls it. */
final class Handler
{
    private int $takes;

    private function __construct(private \Closure $call)
    {
        $this->takes = (new \ReflectionFunction($call))->getNumberOfParameters();
    }

    /** The function that handler.php returns, or `handle` in it. */
    public static function load(string $folder): self
    {
        $file = "$folder/handler.php";
        if (!is_file($file)) {
            throw new LoadFailed("There is no handler in $folder: looked for handler.php.");
        }
        try {
            foreach (["$folder/vendor/autoload.php", dirname($folder) . '/vendor/autoload.php'] as $packages) {
                if (is_file($packages)) {
                    require $packages;
                }
            }
            $returned = (static fn () => require $file)();
        } catch (\Throwable $error) {
            throw new LoadFailed(self::placeOf($error, $folder) . ': ' . $error::class . ': ' . $error->getMessage(), 0, $error);
        }
        $call = is_callable($returned) ? $returned : (function_exists('handle') ? 'handle' : null);
        if ($call === null) {
            throw new LoadFailed('handler.php has no function "handle". Write: function handle($event, $context) { return "an answer"; }');
        }
        return new self(\Closure::fromCallable($call));
    }

    public function call(Event $event): mixed
    {
        $context = (object) ['callId' => $event->headers['x-call-id'] ?? null];
        return $this->takes === 0 ? ($this->call)() : ($this->call)(...array_slice([$event, $context], 0, $this->takes));
    }

    /** `handler.php:3`, the last line of the user's own code that had a part in it. */
    private static function placeOf(\Throwable $error, string $folder): string
    {
        foreach ([['file' => $error->getFile(), 'line' => $error->getLine()], ...$error->getTrace()] as $frame) {
            if (str_starts_with($frame['file'] ?? '', "$folder/")) {
                return substr($frame['file'], strlen($folder) + 1) . ':' . $frame['line'];
            }
        }
        return 'handler.php';
    }
}
