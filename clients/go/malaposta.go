// Package malaposta starts Malaposta, an SMTP server that misbehaves on purpose, in tests: it arms faults, waits, asserts and reads
// messages. Copy it into your module; it needs nothing but the standard library.
//
//	func TestTheInvoiceMailerTriesAgain(t *testing.T) {
//		server := malaposta.Start(t, "451-twice")
//		sendInvoice(server.Host, server.Port)
//		server.Wait()
//	}
//
// The program is malaposta on the PATH, or what MALAPOSTA_PROGRAM names. Whatever goes wrong fails the test.
package malaposta

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// Server is a running server, with ports and an inbox of its own. It ends with the test.
type Server struct {
	Host     string
	Port     int            // of the first scenario
	Ports    map[string]int // by the names of the scenarios
	Scenario string         // the name of the first one
	APIURL   string
	CAFile   string // the authority that signs the certificates, in PEM; empty where no scenario has TLS

	t testing.TB
}

// Expect is one expectation, as in a scenario's expect: {"accepted": 1}.
type Expect = map[string]any

// Fault is what Arm takes: Code alone is needed.
type Fault struct {
	Code  int               `json:"code"`
	At    []string          `json:"at,omitempty"`    // the stages; otherwise the first where the code is documented
	Times int               `json:"times,omitempty"` // how often; otherwise until it is disarmed
	Match map[string]string `json:"match,omitempty"` // conditions as a rule's when has them: {"rcpt": "*@example.test"}
}

// Address is a mailbox as messages name it.
type Address struct{ Name, Address string }

// Message is one message that was kept; Text and HTML only from Server.Message.
type Message struct {
	ID, MessageID, Subject string
	Text, HTML             string
	From                   Address
	To, Cc, Bcc            []Address
	Size                   int
}

var numbers atomic.Int64

// Start starts a server for this test. Each scenario (a shipped one's name, a file, or YAML) has a port of its own; without one the server
// takes all mail and obeys the address triggers.
func Start(t testing.TB, scenarios ...string) *Server {
	t.Helper()
	folder := t.TempDir()
	ready := filepath.Join(folder, "ready.json")
	server := &Server{Host: "127.0.0.1", Ports: map[string]int{}, t: t}
	if len(scenarios) == 0 {
		scenarios = []string{"default"}
	}
	arguments := []string{"serve", "--log", "none", "--http", server.Host + ":0", "--ready-file", ready}
	for _, scenario := range scenarios {
		if strings.Contains(scenario, "\n") {
			file := filepath.Join(folder, fmt.Sprintf("scenario-%d.yaml", numbers.Add(1)))
			server.must(os.WriteFile(file, []byte(scenario), 0o600))
			scenario = file
		}
		arguments = append(arguments, "--smtp", server.Host+":0="+scenario)
	}
	server.run(exec.Command(program(), arguments...))
	server.read(ready)
	return server
}

func program() string {
	if named := os.Getenv("MALAPOSTA_PROGRAM"); named != "" {
		return named
	}
	return "malaposta"
}

// run returns once the server accepts: its first line comes when the ready file is there.
func (server *Server) run(command *exec.Cmd) {
	server.t.Helper()
	var problems bytes.Buffer
	command.Stderr = &problems
	output, err := command.StdoutPipe()
	server.must(err)
	server.must(command.Start())
	server.t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_, _ = io.Copy(io.Discard, output)
		if err := command.Wait(); err != nil {
			server.t.Errorf("malaposta serve: %v\n%s", err, problems.String())
		}
	})
	if _, err := bufio.NewReader(output).ReadString('\n'); err != nil {
		server.t.FailNow() // the cleanup says why
	}
}

func (server *Server) read(ready string) {
	server.t.Helper()
	text, err := os.ReadFile(ready)
	server.must(err)
	var content struct {
		Listeners []struct {
			Kind, Scenario string
			Port           int
		}
		CAFile string `json:"ca_file"`
	}
	server.must(json.Unmarshal(text, &content))
	server.CAFile = content.CAFile
	for _, listener := range content.Listeners {
		switch {
		case listener.Kind == "http":
			server.APIURL = fmt.Sprintf("http://%s:%d", server.Host, listener.Port)
		case server.Port == 0:
			server.Port, server.Scenario = listener.Port, listener.Scenario
			fallthrough
		default:
			server.Ports[listener.Scenario] = listener.Port
		}
	}
}

// Addr is host and port of the first scenario, as net.Dial and net/smtp want them.
func (server *Server) Addr() string { return fmt.Sprintf("%s:%d", server.Host, server.Port) }

// Arm has the next commands meet a code, whatever the scenario says.
func (server *Server) Arm(fault Fault) {
	server.t.Helper()
	server.Request("POST", "/api/v1/arm", fault, nil)
}

// Disarm takes back all that is armed.
func (server *Server) Disarm() {
	server.t.Helper()
	server.Request("DELETE", "/api/v1/arm", nil, nil)
}

// Wait returns once everything is as expected, and fails the test when that cannot happen any more, or not within 30 s. Without
// expectations, those of the scenario count.
func (server *Server) Wait(expect ...Expect) {
	server.t.Helper()
	server.WaitFor(server.Scenario, "30s", expect...)
}

// WaitFor is Wait with the scenario that is meant and the time-out ("500ms", at most "10m").
func (server *Server) WaitFor(scenario, timeout string, expect ...Expect) {
	server.t.Helper()
	server.judge("wait", map[string]any{"scenario": scenario, "timeout": timeout}, expect)
}

// Verify is as Wait, but by what has happened up to now.
func (server *Server) Verify(expect ...Expect) {
	server.t.Helper()
	server.VerifyIn(server.Scenario, expect...)
}

// VerifyIn is Verify with the scenario that is meant.
func (server *Server) VerifyIn(scenario string, expect ...Expect) {
	server.t.Helper()
	server.judge("verify", map[string]any{"scenario": scenario}, expect)
}

// Unique is an address that nobody else was given, for tests that share a server: arm and look for this recipient only.
func (server *Server) Unique() string {
	return fmt.Sprintf("test-%d-%d@example.test", os.Getpid(), numbers.Add(1))
}

// Messages are the summaries of the messages that were kept, the newest first.
func (server *Server) Messages() []Message {
	server.t.Helper()
	var all []Message
	for {
		var page struct{ Messages []Message }
		server.Request("GET", fmt.Sprintf("/api/v1/messages?start=%d&limit=100", len(all)), nil, &page)
		all = append(all, page.Messages...)
		if len(page.Messages) < 100 {
			return all
		}
	}
}

// MessagesTo are those to that recipient.
func (server *Server) MessagesTo(recipient string) []Message {
	server.t.Helper()
	var found []Message
	for _, message := range server.Messages() {
		for _, one := range append(append(append([]Address{}, message.To...), message.Cc...), message.Bcc...) {
			if one.Address == recipient {
				found = append(found, message)
				break
			}
		}
	}
	return found
}

// Message is one message taken apart; the id "latest" is the newest one's.
func (server *Server) Message(id string) Message {
	server.t.Helper()
	var message Message
	server.Request("GET", "/api/v1/message/"+id, nil, &message)
	return message
}

// Raw is one message as it came.
func (server *Server) Raw(id string) []byte {
	server.t.Helper()
	return server.ask("GET", "/api/v1/message/"+id+"/raw", nil)
}

// Transcript is what was said in all sessions, as a dialog.
func (server *Server) Transcript() string {
	server.t.Helper()
	var list struct{ Sessions []struct{ ID int } }
	server.Request("GET", "/api/v1/sessions?limit=1000", nil, &list)
	var said strings.Builder
	for i := len(list.Sessions) - 1; i >= 0; i-- {
		said.Write(server.ask("GET", fmt.Sprintf("/api/v1/sessions/%d/transcript", list.Sessions[i].ID), nil))
	}
	return said.String()
}

// Reset forgets sessions, messages and what is armed; scenarios begin anew.
func (server *Server) Reset() {
	server.t.Helper()
	server.Request("POST", "/api/v1/reset", nil, nil)
}

// Request is any request of the HTTP API, for what has no method here; the answer's JSON goes to into, unless it is nil.
func (server *Server) Request(method, path string, content, into any) {
	server.t.Helper()
	answer := server.ask(method, path, content)
	if into != nil {
		server.must(json.Unmarshal(answer, into))
	}
}

func (server *Server) judge(route string, question map[string]any, expect []Expect) {
	server.t.Helper()
	if len(expect) > 0 {
		question["expect"] = expect
	}
	status, answer := server.send("POST", "/api/v1/"+route, question)
	if status == http.StatusOK {
		return
	}
	if status != http.StatusRequestTimeout && status != http.StatusUnprocessableEntity {
		server.t.Fatalf("malaposta: %s: %d: %s", route, status, answer)
	}
	var verdict struct {
		Scenario, Verdict string
		Expectations      []struct {
			Passed           bool
			Expected, Actual string
			Nearest          []string
		}
	}
	server.must(json.Unmarshal(answer, &verdict))
	lines := []string{fmt.Sprintf("malaposta: %s %s", verdict.Scenario, verdict.Verdict)}
	for _, one := range verdict.Expectations {
		if !one.Passed {
			lines = append(lines, "expected "+one.Expected, "actual   "+one.Actual)
			for _, line := range one.Nearest {
				lines = append(lines, "nearest  "+line)
			}
		}
	}
	server.t.Fatal(strings.Join(lines, "\n"))
}

func (server *Server) ask(method, path string, content any) []byte {
	server.t.Helper()
	status, answer := server.send(method, path, content)
	if status >= 400 {
		server.t.Fatalf("malaposta: %s %s: %d: %s", method, path, status, answer)
	}
	return answer
}

func (server *Server) send(method, path string, content any) (int, []byte) {
	server.t.Helper()
	var body io.Reader
	if content != nil {
		text, err := json.Marshal(content)
		server.must(err)
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, server.APIURL+path, body)
	server.must(err)
	request.Header.Set("Content-Type", "application/json")
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	server.must(err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	server.must(err)
	return response.StatusCode, answer
}

func (server *Server) must(err error) {
	server.t.Helper()
	if err != nil {
		server.t.Fatal("malaposta: ", err)
	}
}
