<?php
declare(strict_types=1);

namespace Skep;

/** What went wrong with the handler, in words that a person can act on. */
final class LoadFailed extends \Exception
{
}
