// go-mail: DialAndSend as its documentation has it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"gopkg.in/mail.v2"
)

type report struct {
	Outcome string `json:"outcome"`
	Code    *int   `json:"code"`
	Told    string `json:"told"`
}

func send(host, port, from, to string, size int, timeout time.Duration) error {
	number, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	message := mail.NewMessage()
	message.SetHeader("From", from)
	message.SetHeader("To", to)
	message.SetHeader("Subject", "A message from a real client")
	line := "This line is one of many which together have the wanted size.\r\n"
	message.SetBody("text/plain", strings.Repeat(line, size/len(line)+1))
	dialer := mail.NewDialer(host, number, "", "")
	dialer.LocalName = "client.example.test"
	dialer.Timeout = timeout
	dialer.StartTLSPolicy = mail.NoStartTLS
	return dialer.DialAndSend(message)
}

func outcomeOf(err error) report {
	if err == nil {
		return report{"delivered", nil, ""}
	}
	told := report{"error", nil, err.Error()}
	var operation *net.OpError
	var network net.Error
	// The error of net/smtp is in the words only.
	reply := regexp.MustCompile(`\b([45]\d\d) `).FindStringSubmatch(err.Error())
	switch {
	case reply != nil:
		code, _ := strconv.Atoi(reply[1])
		told.Code = &code
		told.Outcome = map[int]string{4: "temporary", 5: "permanent"}[code/100]
	case errors.As(err, &network) && network.Timeout(), strings.Contains(err.Error(), "i/o timeout"):
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
	words, _ := json.Marshal(outcomeOf(send(host, port, from, to, size, time.Duration(seconds)*time.Second)))
	fmt.Println(string(words))
}
