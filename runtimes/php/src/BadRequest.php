<?php
declare(strict_types=1);

namespace Skep;

/** What came is no HTTP. */
final class BadRequest extends \Exception
{
}
