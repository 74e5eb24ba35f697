<?php

declare(strict_types=1);

namespace Malaposta;

use PHPUnit\Framework\Assert;
use PHPUnit\Framework\AssertionFailedError;

/** The server could not be started, or did not understand what it was asked. */
final class MalapostaError extends \RuntimeException
{
}

/**
 * Malaposta, an SMTP server that misbehaves on purpose: one server, with ports and an inbox of its own.
 *
 * The program is malaposta on the PATH, or what MALAPOSTA_PROGRAM names. JSON goes in and comes out as arrays.
 */
final class Malaposta
{
    public readonly string $host;
    /** The first scenario's port. */
    public readonly int $port;
    /** @var array<string, int> the ports by the names of their scenarios */
    public readonly array $ports;
    public readonly string $apiUrl;
    /** The authority that signs the certificates, in PEM; null where no scenario has TLS. */
    public readonly ?string $caFile;

    private static int $numbers = 0;
    private string $folder;
    private string $scenario;
    /** @var resource|null */
    private $process;
    /** @var array<int, resource> */
    private array $pipes = [];

    /**
     * Starts a server, and returns once all its ports accept.
     *
     * @param string ...$scenarios names of shipped ones, files, or YAML, each with a port of its own; without any the server takes all mail and obeys
     *     the address triggers
     */
    public function __construct(string ...$scenarios)
    {
        $this->host = '127.0.0.1';
        $this->folder = sys_get_temp_dir() . '/malaposta-' . bin2hex(random_bytes(8));
        mkdir($this->folder, 0700);
        $ready = "$this->folder/ready.json";
        $program = getenv('MALAPOSTA_PROGRAM') ?: 'malaposta';
        $command = [$program, 'serve', '--log', 'none', '--http', "$this->host:0", '--ready-file', $ready];
        foreach ($scenarios ?: ['default'] as $scenario) {
            array_push($command, '--smtp', "$this->host:0=" . $this->fileOf($scenario));
        }
        $this->process = proc_open($command, [['file', '/dev/null', 'r'], ['pipe', 'w'], ['file', "$this->folder/problems", 'w']], $this->pipes) ?: null;
        if ($this->process === null || fgets($this->pipes[1]) === false) { // the first line comes once the ready file is there
            $this->stop();
        }
        $this->read(json_decode(file_get_contents($ready), true, flags: JSON_THROW_ON_ERROR));
    }

    public function __destruct()
    {
        $this->stop();
    }

    /** Ends the server; sessions that still run are told 421. Harmless when it has ended. */
    public function stop(): void
    {
        if (!isset($this->folder)) {
            return;
        }
        $status = 127;
        if ($this->process !== null) {
            proc_terminate($this->process);
            stream_get_contents($this->pipes[1]);
            $status = proc_close($this->process);
            $this->process = null;
        }
        $problems = (string) file_get_contents("$this->folder/problems");
        array_map('unlink', glob("$this->folder/*"));
        rmdir($this->folder);
        unset($this->folder);
        if ($status !== 0) {
            throw new MalapostaError("malaposta serve ended with status $status:\n$problems");
        }
    }

    /**
     * Has the next commands meet a code, whatever the scenario says.
     *
     * @param array<string, mixed> $fault such as ['at' => 'rcpt', 'times' => 2, 'match' => ['rcpt' => '*@example.test']]
     * @return array<string, mixed>
     */
    public function arm(int $code, array $fault = []): array
    {
        return $this->request('POST', '/api/v1/arm', ['code' => $code] + $fault);
    }

    /** Takes back all that is armed. */
    public function disarm(): void
    {
        $this->request('DELETE', '/api/v1/arm');
    }

    /**
     * Returns the verdict once everything is as expected; an AssertionFailedError when that cannot happen any more, or not in time.
     *
     * @param array<int, array<string, mixed>> $expect as in a scenario's expect: [['accepted' => 1]]; without any, those of the scenario count
     * @param string $timeout such as "500ms", at most "10m"
     * @return array<string, mixed>
     */
    public function wait(array $expect = [], string $timeout = '30s', ?string $scenario = null): array
    {
        return $this->judge('wait', $expect, $scenario, ['timeout' => $timeout]);
    }

    /**
     * As wait(), but by what has happened up to now.
     *
     * @param array<int, array<string, mixed>> $expect
     * @return array<string, mixed>
     */
    public function verify(array $expect = [], ?string $scenario = null): array
    {
        return $this->judge('verify', $expect, $scenario, []);
    }

    /** An address that nobody else was given, for tests that share a server: arm and look for this recipient only. */
    public function address(): string
    {
        return 'test-' . getmypid() . '-' . ++self::$numbers . '@example.test';
    }

    /**
     * Summaries of the messages that were kept, the newest first; with $to, of those to that recipient.
     *
     * @return array<int, array<string, mixed>>
     */
    public function messages(?string $to = null): array
    {
        $found = [];
        do {
            $page = $this->request('GET', '/api/v1/messages?limit=100&start=' . count($found))['messages'];
            array_push($found, ...$page);
        } while (count($page) === 100);
        if ($to === null) {
            return $found;
        }
        $recipients = fn (array $one): array => array_column(array_merge($one['To'] ?? [], $one['Cc'] ?? [], $one['Bcc'] ?? []), 'Address');
        return array_values(array_filter($found, fn (array $one): bool => in_array($to, $recipients($one), true)));
    }

    /**
     * One message taken apart: 'Subject', 'From', 'To', 'Text', 'HTML'…
     *
     * @return array<string, mixed>
     */
    public function message(string $id = 'latest'): array
    {
        return $this->request('GET', "/api/v1/message/$id");
    }

    /** One message as it came. */
    public function raw(string $id = 'latest'): string
    {
        return $this->ask('GET', "/api/v1/message/$id/raw");
    }

    /** What was said in all sessions, as a dialog. */
    public function transcript(): string
    {
        $said = '';
        foreach (array_reverse($this->request('GET', '/api/v1/sessions?limit=1000')['sessions']) as $session) {
            $said .= $this->ask('GET', "/api/v1/sessions/{$session['id']}/transcript");
        }
        return $said;
    }

    /** Forgets sessions, messages and what is armed; scenarios begin anew. */
    public function reset(): void
    {
        $this->request('POST', '/api/v1/reset');
    }

    /**
     * Any request of the HTTP API, for what has no method here.
     *
     * @param array<string, mixed>|null $content
     * @return array<string, mixed>
     */
    public function request(string $method, string $path, ?array $content = null): array
    {
        return json_decode($this->ask($method, $path, $content), true, flags: JSON_THROW_ON_ERROR);
    }

    /** @param array<string, mixed>|null $content */
    private function ask(string $method, string $path, ?array $content = null): string
    {
        [$status, $answer] = $this->send($method, $path, $content);
        if ($status >= 400) {
            throw new MalapostaError("$method $path: $status: $answer");
        }
        return $answer;
    }

    /**
     * @param array<string, mixed>|null $content
     * @return array{int, string}
     */
    private function send(string $method, string $path, ?array $content): array
    {
        $options = ['method' => $method, 'header' => "Content-Type: application/json\r\nConnection: close", 'ignore_errors' => true, 'timeout' => 700];
        if ($content !== null) {
            $options['content'] = json_encode($content, JSON_THROW_ON_ERROR);
        }
        $answer = file_get_contents($this->apiUrl . $path, false, stream_context_create(['http' => $options]));
        if ($answer === false) {
            throw new MalapostaError("$method $path: no answer");
        }
        return [(int) explode(' ', $http_response_header[0])[1], $answer];
    }

    /**
     * @param array<int, array<string, mixed>> $expect
     * @param array<string, mixed> $question
     * @return array<string, mixed>
     */
    private function judge(string $route, array $expect, ?string $scenario, array $question): array
    {
        $question += ['scenario' => $scenario ?? $this->scenario] + ($expect === [] ? [] : ['expect' => $expect]);
        [$status, $answer] = $this->send('POST', "/api/v1/$route", $question);
        if (!in_array($status, [200, 408, 422], true)) {
            throw new MalapostaError("$route: $status: $answer");
        }
        $verdict = json_decode($answer, true, flags: JSON_THROW_ON_ERROR);
        if ($status !== 200) {
            throw new AssertionFailedError(self::explain($verdict));
        }
        Assert::assertSame('passed', $verdict['verdict']); // so that PHPUnit counts it
        return $verdict;
    }

    /** @param array<string, mixed> $verdict */
    private static function explain(array $verdict): string
    {
        $lines = ["malaposta: {$verdict['scenario']} {$verdict['verdict']}"];
        foreach ($verdict['expectations'] as $one) {
            if (!$one['passed']) {
                array_push($lines, "expected {$one['expected']}", "actual   {$one['actual']}");
                array_push($lines, ...array_map(fn (string $line): string => "nearest  $line", $one['nearest']));
            }
        }
        return implode("\n", $lines);
    }

    /** @param array<string, mixed> $ready */
    private function read(array $ready): void
    {
        $smtp = array_values(array_filter($ready['listeners'], fn (array $one): bool => $one['kind'] === 'smtp'));
        $http = array_values(array_filter($ready['listeners'], fn (array $one): bool => $one['kind'] === 'http'));
        $this->scenario = $smtp[0]['scenario'];
        $this->port = $smtp[0]['port'];
        $this->ports = array_column($smtp, 'port', 'scenario');
        $this->apiUrl = "http://$this->host:{$http[0]['port']}";
        $this->caFile = $ready['ca_file'] ?? null;
    }

    /** A scenario that is written as YAML becomes a file. */
    private function fileOf(string $scenario): string
    {
        if (!str_contains($scenario, "\n")) {
            return $scenario;
        }
        $file = "$this->folder/scenario-" . ++self::$numbers . '.yaml';
        file_put_contents($file, $scenario);
        return $file;
    }
}

/** For test cases of PHPUnit: servers that end with the test, whatever becomes of it. */
trait WithMalaposta
{
    /** @var array<int, Malaposta> */
    private array $malapostas = [];

    /** A server of this test's own; see Malaposta. */
    protected function malaposta(string ...$scenarios): Malaposta
    {
        return $this->malapostas[] = new Malaposta(...$scenarios);
    }

    /** @after */
    protected function stopMalaposta(): void
    {
        foreach ($this->malapostas as $one) {
            $one->stop();
        }
        $this->malapostas = [];
    }
}
