// net/smtp: SendMail as its documentation has it, but that the connection has a deadline, which SendMail cannot have.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"time"
)

type report struct {
	Outcome string `json:"outcome"`
	Code    *int   `json:"code"`
	Told    string `json:"told"`
}

func send(host, port, from, to string, content []byte, timeout time.Duration) error {
	connection, err := net.DialTimeout("tcp", net.JoinHostPort(host, port), timeout)
	if err != nil {
		return err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	client, err := smtp.NewClient(connection, host)
	if err != nil {
		return err
	}
	if err := client.Hello("client.example.test"); err != nil {
		return err
	}
	if err := client.Mail(from); err != nil {
		return err
	}
	if err := client.Rcpt(to); err != nil {
		return err
	}
	writer, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := writer.Write(content); err != nil {
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	return client.Quit()
}

func outcomeOf(err error) report {
	if err == nil {
		return report{"delivered", nil, ""}
	}
	told := report{"error", nil, err.Error()}
	var reply *textproto.Error
	var operation *net.OpError
	var network net.Error
	switch {
	case errors.As(err, &reply):
		told.Code = &reply.Code
		if reply.Code/100 == 4 {
			told.Outcome = "temporary"
		} else if reply.Code/100 == 5 {
			told.Outcome = "permanent"
		}
	case errors.As(err, &network) && network.Timeout():
		told.Outcome = "timeout"
	case errors.As(err, &operation) && operation.Op == "dial":
		told.Outcome = "connect-failed"
	}
	return told
}

func main() {
	host, port, from, to := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	size := 200
	for i, argument := range os.Args[5:] {
		value, found := strings.TrimPrefix(argument, "--body-size="), strings.HasPrefix(argument, "--body-size=")
		if argument == "--body-size" {
			value, found = os.Args[5+i+1], true
		}
		if found {
			size, _ = strconv.Atoi(value)
		}
	}
	seconds, err := strconv.Atoi(os.Getenv("MALAPOSTA_CLIENT_TIME_OUT"))
	if err != nil {
		seconds = 40
	}
	line := "This line is one of many which together have the wanted size.\r\n"
	content := fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: A message from a real client\r\nDate: %s\r\nMessage-ID: <%d@client.example.test>\r\n\r\n%s",
		from, to, time.Now().Format(time.RFC1123Z), time.Now().UnixNano(), strings.Repeat(line, size/len(line)+1))
	words, _ := json.Marshal(outcomeOf(send(host, port, from, to, []byte(content), time.Duration(seconds)*time.Second)))
	fmt.Println(string(words))
}
