<?php
// Installs what composer.json in this folder asks for, if it asks for anything: so that a function without dependencies
// needs neither Composer nor a registry. With --asks it only tells, by its exit status, whether there is anything.
$manifest = is_file('composer.json') ? json_decode(file_get_contents('composer.json'), true) : [];
$wanted = array_filter(array_keys($manifest['require'] ?? []), fn ($name) => str_contains($name, '/'));
if (in_array('--asks', $argv, true)) {
    exit($wanted ? 0 : 1);
}
if ($wanted) {
    passthru('composer install --no-dev --no-interaction --quiet --optimize-autoloader', $status);
    exit($status);
}
