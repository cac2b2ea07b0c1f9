<?php

// The tests of this function: php test.php
require __DIR__ . '/handler.php';

function check(string $what, mixed $body, string $expected): void
{
    $event = (object) ['method' => 'POST', 'path' => '/', 'query' => [], 'headers' => [], 'body' => $body];
    $said = handle($event, (object) ['callId' => '1'])['message'];
    if ($said !== $expected) {
        echo "not ok: $what: $said\n";
        exit(1);
    }
    echo "ok: $what\n";
}

check('greets whom the body names', ['name' => 'Maja'], 'Hello, Maja!');
check('greets the world when nobody is named', '', 'Hello, World!');
