<?php

declare(strict_types=1);

require_once __DIR__ . '/Malaposta.php';

use Malaposta\Malaposta;
use Malaposta\MalapostaError;
use Malaposta\WithMalaposta;
use PHPUnit\Framework\AssertionFailedError;
use PHPUnit\Framework\TestCase;

/** What the helper promises, asked of the program itself. */
final class MalapostaTest extends TestCase
{
    use WithMalaposta;

    /** Sends one message; returns the code at which it ended, 250 when it was accepted. */
    private static function send(int $port, string $to = 'bob@example.test'): int
    {
        $socket = stream_socket_client("tcp://127.0.0.1:$port");
        $session = ['', "EHLO client.example.test\r\n", "MAIL FROM:<alice@example.com>\r\n", "RCPT TO:<$to>\r\n", "DATA\r\n",
            "Subject: hello\r\nTo: <$to>\r\n\r\nHello\r\n.\r\n"];
        $code = 0;
        foreach ($session as $line) {
            fwrite($socket, $line);
            do {
                $reply = fgets($socket);
            } while ($reply[3] === '-');
            $code = (int) $reply;
            if ($code >= 400) {
                break;
            }
        }
        fwrite($socket, "QUIT\r\n");
        fgets($socket);
        return $code;
    }

    private function failureOf(callable $body): string
    {
        try {
            $body();
        } catch (AssertionFailedError $failure) {
            return $failure->getMessage();
        }
        $this->fail('it did not fail');
    }

    public function testWithoutAScenarioAllMailIsKept(): void
    {
        $server = $this->malaposta();
        $this->assertSame(250, self::send($server->port));
        $this->assertSame('passed', $server->wait([['accepted' => 1]])['verdict']);
        $this->assertSame(['hello'], array_column($server->messages(), 'Subject'));
        $this->assertSame('Hello', trim($server->message()['Text']));
        $this->assertStringEndsWith("\r\n\r\nHello\r\n", $server->raw());
        $this->assertStringContainsString('C: MAIL FROM:<alice@example.com>', $server->transcript());
    }

    public function testEveryServerHasAnInboxAndPortsOfItsOwn(): void
    {
        [$one, $other] = [$this->malaposta(), $this->malaposta()];
        $this->assertNotSame($one->port, $other->port);
        self::send($other->port);
        $this->assertCount(1, $other->messages());
        $this->assertSame([], $one->messages());
    }

    public function testTheScenarioJudgesAClientThatGivesUp(): void
    {
        $server = $this->malaposta('451-twice');
        $this->assertSame(451, self::send($server->port));
        $told = explode("\n", $this->failureOf(fn () => $server->verify()));
        $this->assertSame(['malaposta: 451-twice failed',
            'expected attempts: exactly 3, the same mail, the same rcpts, the same header.message-id', 'actual   1 attempts',
            'nearest  attempt 1 in session 1: from <alice@example.com> to <bob@example.test>: 451'], array_slice($told, 0, 4));
    }

    public function testSeveralScenariosHaveAPortEach(): void
    {
        $server = $this->malaposta('550', "malaposta: 1\nname: strangers\nrules:\n  - { at: mail, reply: 553 }\n");
        $this->assertSame($server->ports['550'], $server->port);
        $this->assertSame(550, self::send($server->port));
        $this->assertSame(553, self::send($server->ports['strangers']));
        $server->verify([['attempts' => 1]], 'strangers');
    }

    public function testWhatIsArmedHappensAsOftenAsWasSaid(): void
    {
        $server = $this->malaposta();
        $this->assertSame('armed-451', $server->arm(451, ['at' => 'rcpt', 'times' => 1])['rule']);
        $this->assertSame(451, self::send($server->port));
        $this->assertSame(250, self::send($server->port));
        $server->verify([['rule' => ['id' => 'armed-451', 'fired' => 1]], ['accepted' => 1]]);
        $server->arm(550);
        $server->disarm();
        $this->assertSame(250, self::send($server->port));
        $server->reset();
        $this->assertSame([], $server->messages());
    }

    public function testTestsThatShareAServerKeepApartByAddresses(): void
    {
        $server = $this->malaposta();
        [$mine, $theirs] = [$server->address(), $server->address()];
        $server->arm(550, ['at' => 'rcpt', 'match' => ['rcpt' => $mine]]);
        $this->assertSame(550, self::send($server->port, $mine));
        $this->assertSame(250, self::send($server->port, $theirs));
        $this->assertSame([], $server->messages($mine));
        $this->assertCount(1, $server->messages($theirs));
    }

    public function testWaitingInVainFailsWithWhatIsMissing(): void
    {
        $server = $this->malaposta();
        $this->assertStringContainsString("expected messages accepted: exactly 1\nactual   0 messages accepted",
            $this->failureOf(fn () => $server->wait([['accepted' => 1]], '10ms')));
    }

    public function testAQuestionThatMakesNoSenseIsNoFailedAssertion(): void
    {
        $server = $this->malaposta();
        $this->expectException(MalapostaError::class);
        $this->expectExceptionMessage('verify: 400');
        $server->verify([['acepted' => 1]]);
    }

    public function testAServerThatCannotStartSaysWhy(): void
    {
        $this->expectException(MalapostaError::class);
        $this->expectExceptionMessageMatches("/status 2(.|\n)*did you mean 'reply'/");
        $this->malaposta("malaposta: 1\nrules: [{ at: rcpt, replay: 550 }]\n");
    }

    public function testNothingListensAnyMoreOnceTheTestIsOver(): void
    {
        $port = $this->malaposta()->port;
        $this->stopMalaposta();
        $this->assertFalse(@stream_socket_client("tcp://127.0.0.1:$port"));
    }
}
