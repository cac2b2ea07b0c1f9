<?php
// Served by `php -S`, the server that PHP has.
header('Content-Type: application/json');
echo json_encode(['hello' => 'bees']);
