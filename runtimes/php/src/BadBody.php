<?php
declare(strict_types=1);

namespace Skep;

/** The caller's mistake, not the handler's. */
final class BadBody extends \Exception
{
}
