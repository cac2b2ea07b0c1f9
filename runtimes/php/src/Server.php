<?php
declare(strict_types=1);

namespace Skep;

/** Listens, knows whether it is ready, and gives every connection its turn. One handler runs at a time. */
final class Server
{
    public ?Handler $handler = null;
    public bool $stopping = false;
    public int $inFlight = 0;
    private string $notReady = 'loading';
    /** @var resource */
    private $listener;
    /** @var array<int, Connection> */
    private array $connections = [];

    public function __construct(public readonly int $maxInFlight, public readonly int $maxBodyBytes)
    {
    }

    public function listen(string $host, int $port): void
    {
        $host = str_contains($host, ':') ? "[$host]" : $host;
        $context = stream_context_create(['socket' => ['backlog' => 1024, 'tcp_nodelay' => true]]);
        $this->listener = stream_socket_server("tcp://$host:$port", context: $context);
        stream_set_blocking($this->listener, false);
    }

    public function loaded(Handler $handler): void
    {
        $this->handler = $handler;
    }

    public function notLoaded(string $reason): void
    {
        $this->notReady = "cannot load: $reason";
    }

    public function stop(): void
    {
        $this->stopping = true;
    }

    public function isFull(): bool
    {
        return $this->maxInFlight > 0 && $this->inFlight >= $this->maxInFlight;
    }

    /** @return array{int, string} */
    public function readiness(): array
    {
        if ($this->stopping) {
            return [503, 'stopping'];
        }
        if ($this->handler === null) {
            return [503, $this->notReady];
        }
        return $this->isFull() ? [429, 'busy'] : [200, 'OK'];
    }

    /** Serves until it is told to stop and all that is in flight has been answered. */
    public function run(): void
    {
        while (!$this->stopping || $this->inFlight > 0) {
            if ($this->stopping && is_resource($this->listener)) {
                fclose($this->listener);
            }
            $this->turn();
        }
    }

    private function turn(): void
    {
        $read = $write = [];
        $isBusy = false;
        if (is_resource($this->listener)) {
            $read[] = $this->listener;
        }
        foreach ($this->connections as $connection) {
            $connection->wantsToWrite() ? $write[] = $connection->stream : $read[] = $connection->stream;
            $isBusy = $isBusy || $connection->hasParts();
        }
        $none = [];
        // A handler that yields parts goes on with the next as soon as the last is sent; else somebody must come first.
        $changed = @stream_select($read, $write, $none, $isBusy ? 0 : 1, $isBusy ? 1000 : 0);
        if ($changed === false) {
            return; // a signal
        }
        foreach ([...$read, ...$write] as $stream) {
            $stream === $this->listener ? $this->accept() : $this->connections[(int) $stream]->proceed();
        }
        foreach ($this->connections as $id => $connection) {
            $connection->nextPart();
            if (!$connection->isOpen()) {
                unset($this->connections[$id]);
            }
        }
    }

    private function accept(): void
    {
        while ($stream = @stream_socket_accept($this->listener, 0)) {
            stream_set_blocking($stream, false);
            $this->connections[(int) $stream] = new Connection($stream, $this);
        }
    }
}
