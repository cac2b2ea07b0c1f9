<?php

/** Answers every request. What $event and $context have, and what may be returned: README.md. */
function handle($event, $context)
{
    $asked = is_array($event->body) ? $event->body : $event->query;
    error_log("call {$context->callId}: {$event->method} {$event->path}");
    return ['message' => 'Hello, ' . ($asked['name'] ?? 'World') . '!'];
}
