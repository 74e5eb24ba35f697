package malaposta

import (
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"runtime"
	"strings"
	"testing"
)

func send(port int, to string) error {
	return smtp.SendMail(fmt.Sprintf("127.0.0.1:%d", port), nil, "alice@example.com", []string{to},
		[]byte("Subject: hello\r\nTo: <"+to+">\r\n\r\nHello\r\n"))
}

func mustSend(t *testing.T, port int) {
	t.Helper()
	if err := send(port, "bob@example.test"); err != nil {
		t.Fatal(err)
	}
}

func mustMeet(t *testing.T, code int, err error) {
	t.Helper()
	if reply, ok := err.(*textproto.Error); !ok || reply.Code != code {
		t.Fatalf("the client should meet %d, not %v", code, err)
	}
}

// failing is a test that is expected to fail, and runs to its end at once.
type failing struct {
	testing.TB
	said     string
	cleanups []func()
}

func (f *failing) Helper()             {}
func (f *failing) Cleanup(do func())   { f.cleanups = append(f.cleanups, do) }
func (f *failing) FailNow()            { runtime.Goexit() }
func (f *failing) Fatal(values ...any) { f.said += fmt.Sprint(values...); f.FailNow() }
func (f *failing) Fatalf(format string, values ...any) {
	f.said += fmt.Sprintf(format, values...)
	f.FailNow()
}
func (f *failing) Errorf(format string, values ...any) { f.said += fmt.Sprintf(format, values...) }

// failureOf is what a test says that should fail.
func failureOf(t *testing.T, body func(t testing.TB)) string {
	t.Helper()
	inner := &failing{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		body(inner)
	}()
	<-done
	for i := len(inner.cleanups) - 1; i >= 0; i-- {
		inner.cleanups[i]()
	}
	if inner.said == "" {
		t.Fatal("it did not fail")
	}
	return inner.said
}

// failureWith is the same for a server that runs already.
func failureWith(t *testing.T, server *Server, body func()) string {
	t.Helper()
	return failureOf(t, func(inner testing.TB) {
		outer := server.t
		server.t = inner
		defer func() { server.t = outer }()
		body()
	})
}

func TestWithoutAScenarioAllMailIsKept(t *testing.T) {
	server := Start(t)
	mustSend(t, server.Port)
	server.Wait(Expect{"accepted": 1})
	if all := server.Messages(); len(all) != 1 || all[0].Subject != "hello" {
		t.Errorf("%v", all)
	}
	if text := server.Message("latest").Text; strings.TrimSpace(text) != "Hello" {
		t.Errorf("%q", text)
	}
	if raw := string(server.Raw("latest")); !strings.HasSuffix(raw, "\r\n\r\nHello\r\n") {
		t.Errorf("%q", raw)
	}
	if said := server.Transcript(); !strings.Contains(said, "C: MAIL FROM:<alice@example.com>") {
		t.Error(said)
	}
}

func TestEveryServerHasAnInboxAndPortsOfItsOwn(t *testing.T) {
	one, other := Start(t), Start(t)
	mustSend(t, other.Port)
	if one.Port == other.Port || len(one.Messages()) != 0 || len(other.Messages()) != 1 {
		t.Error(one.Port, other.Port, one.Messages(), other.Messages())
	}
}

func TestTheScenarioJudgesAClientThatGivesUp(t *testing.T) {
	server := Start(t, "451-twice")
	mustMeet(t, 451, send(server.Port, "bob@example.test"))
	said := failureWith(t, server, func() { server.Verify() })
	wanted := "malaposta: 451-twice failed\n" +
		"expected attempts: exactly 3, the same mail, the same rcpts, the same header.message-id\n" +
		"actual   1 attempts\n" +
		"nearest  attempt 1 in session 1: from <alice@example.com> to <bob@example.test>: 451\n"
	if !strings.HasPrefix(said, wanted) {
		t.Error(said)
	}
}

func TestSeveralScenariosHaveAPortEach(t *testing.T) {
	server := Start(t, "550", "malaposta: 1\nname: strangers\nrules:\n  - { at: mail, reply: 553 }\n")
	if server.Port != server.Ports["550"] || len(server.Ports) != 2 {
		t.Fatal(server.Ports)
	}
	mustMeet(t, 550, send(server.Port, "bob@example.test"))
	mustMeet(t, 553, send(server.Ports["strangers"], "bob@example.test"))
	server.VerifyIn("strangers", Expect{"attempts": 1})
}

func TestWhatIsArmedHappensAsOftenAsWasSaid(t *testing.T) {
	server := Start(t)
	server.Arm(Fault{Code: 451, At: []string{"rcpt"}, Times: 1})
	mustMeet(t, 451, send(server.Port, "bob@example.test"))
	mustSend(t, server.Port)
	server.Verify(Expect{"rule": Expect{"id": "armed-451", "fired": 1}}, Expect{"accepted": 1})
	server.Arm(Fault{Code: 550})
	server.Disarm()
	mustSend(t, server.Port)
	server.Reset()
	if all := server.Messages(); len(all) != 0 {
		t.Error(all)
	}
}

func TestTestsThatShareAServerKeepApartByAddresses(t *testing.T) {
	server := Start(t)
	mine, theirs := server.Unique(), server.Unique()
	server.Arm(Fault{Code: 550, At: []string{"rcpt"}, Match: map[string]string{"rcpt": mine}})
	mustMeet(t, 550, send(server.Port, mine))
	if err := send(server.Port, theirs); err != nil {
		t.Error(err)
	}
	if len(server.MessagesTo(mine)) != 0 || len(server.MessagesTo(theirs)) != 1 {
		t.Error(server.Messages())
	}
}

func TestWaitingEndsWhenTheMailComes(t *testing.T) {
	server := Start(t)
	sent := make(chan error)
	go func() { sent <- send(server.Port, "bob@example.test") }()
	server.Wait(Expect{"message": Expect{"rcpts": []string{"bob@example.test"}}})
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

func TestWaitingInVainFailsWithWhatIsMissing(t *testing.T) {
	server := Start(t)
	said := failureWith(t, server, func() { server.WaitFor("default", "10ms", Expect{"accepted": 1}) })
	if !strings.Contains(said, "expected messages accepted: exactly 1\nactual   0 messages accepted\n") {
		t.Error(said)
	}
}

func TestAQuestionThatMakesNoSenseIsToldAsSuch(t *testing.T) {
	server := Start(t)
	said := failureWith(t, server, func() { server.Verify(Expect{"acepted": 1}) })
	if !strings.Contains(said, "verify: 400") || !strings.Contains(said, "acepted") {
		t.Error(said)
	}
}

func TestAServerThatCannotStartSaysWhy(t *testing.T) {
	said := failureOf(t, func(inner testing.TB) {
		Start(folderOf{inner, t}, "malaposta: 1\nrules: [{ at: rcpt, replay: 550 }]\n")
	})
	if !strings.Contains(said, "exit status 2") || !strings.Contains(said, "did you mean 'reply'") {
		t.Error(said)
	}
}

// folderOf gives a failing test a folder.
type folderOf struct {
	testing.TB
	outer *testing.T
}

func (f folderOf) TempDir() string { return f.outer.TempDir() }

func TestNothingListensAnyMoreOnceTheTestIsOver(t *testing.T) {
	var addr string
	t.Run("a test", func(t *testing.T) { addr = Start(t).Addr() })
	if connection, err := net.Dial("tcp", addr); err == nil {
		connection.Close()
		t.Error("somebody listens on " + addr)
	}
}
