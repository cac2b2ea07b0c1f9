<?php
// Serves the handler in a folder over HTTP until SIGTERM. Configured by the environment: see README.md.
declare(strict_types=1);

foreach (['Answer', 'BadBody', 'BadRequest', 'Connection', 'Event', 'Handler', 'Head', 'Input', 'LoadFailed', 'Output', 'Server'] as $class) {
    require __DIR__ . "/src/$class.php";
}

// The handler's errors go to the log, never into an answer.
ini_set('display_errors', 'stderr');
ini_set('log_errors', '0');
set_error_handler(function (int $level, string $message, string $file, int $line): bool {
    if (!(error_reporting() & $level)) {
        return true; // silenced with @
    }
    throw new ErrorException($message, 0, $level, $file, $line);
});

$whole = function (string $name, int $otherwise): int {
    $text = (string) getenv($name);
    if ($text === '') {
        return $otherwise;
    }
    if (!preg_match('/^\d+$/', $text)) {
        fwrite(STDERR, "$name must be a whole number, not \"$text\".\n");
        exit(1);
    }
    return (int) $text;
};

$host = (string) getenv('HOST');
$folder = $argv[1] ?? (getenv('HANDLER_DIR') ?: 'function');
$server = new Skep\Server($whole('MAX_INFLIGHT', 0), $whole('MAX_BODY_BYTES', 100 * 1024 * 1024));
$server->listen($host === '' ? '0.0.0.0' : $host, $whole('PORT', 8080));
pcntl_async_signals(true);
foreach ([SIGTERM, SIGINT] as $signal) {
    pcntl_signal($signal, fn () => $server->stop());
}
try {
    $server->loaded(Skep\Handler::load(realpath($folder) ?: $folder));
} catch (Skep\LoadFailed $error) {
    fwrite(STDERR, $error->getPrevious() ? $error->getPrevious() . "\n" : '');
    fwrite(STDERR, $error->getMessage() . "\n");
    $server->notLoaded($error->getMessage());
}
$server->run();
