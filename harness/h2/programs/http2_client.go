// A client by Go's own HTTP/2: POSTs to /length whose content cannot be sent again, one /chat across.
package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http2"
)

// Hides what kind of reader it is: no GetBody, so no second try once any of it was sent.
type once struct{ io.Reader }

func dial(network, address string, _ *tls.Config) (net.Conn, error) {
	return net.Dial(network, address)
}

func length(client *http.Client, url string, size int) error {
	answer, err := client.Post(url+"/length", "text/plain", once{strings.NewReader(strings.Repeat("x", size))})
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err == nil && (answer.StatusCode != 200 || string(content) != strconv.Itoa(size)) {
		err = fmt.Errorf("%s: %q", answer.Status, content)
	}
	return err
}

type chat struct {
	in  *io.PipeWriter
	out io.ReadCloser
}

func opened(client *http.Client, url string) chat {
	reader, writer := io.Pipe()
	answer, err := client.Post(url+"/chat", "text/plain", reader)
	if err != nil {
		panic(err)
	}
	return chat{writer, answer.Body}
}

func (c chat) echoed(word string) bool {
	if _, err := c.in.Write([]byte(word)); err != nil {
		return false
	}
	heard := make([]byte, len(word))
	_, err := io.ReadFull(c.out, heard)
	return err == nil && string(heard) == word
}

func (c chat) ended() string {
	c.in.Close()
	if rest, err := io.ReadAll(c.out); err != nil || len(rest) != 0 {
		return fmt.Sprint(err, rest)
	}
	return "whole"
}

func main() {
	requests, _ := strconv.Atoi(os.Args[2])
	clients, _ := strconv.Atoi(os.Args[3])
	url := "http://" + os.Args[1]
	transport := &http2.Transport{AllowHTTP: true, DialTLS: dial}
	long := opened(&http.Client{Transport: transport}, url)
	whole := long.echoed("first")
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	numbers := make(chan int)
	failures := make(chan string, requests)
	var group sync.WaitGroup
	for each := 0; each < clients; each++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for number := range numbers {
				if err := length(client, url, number%100); err != nil {
					failures <- err.Error()
				}
			}
		}()
	}
	for number := 0; number < requests; number++ {
		numbers <- number
	}
	close(numbers)
	group.Wait()
	end := "no echo"
	if long.echoed("last") && whole {
		end = long.ended()
	}
	report(requests, failures, end)
}

func report(requests int, failures chan string, long string) {
	failed := len(failures)
	errors := map[string]int{}
	for number := 0; number < failed; number++ {
		errors[<-failures]++
	}
	json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"ok": requests - failed, "failed": failed, "errors": errors, "long": long})
	io.ReadAll(os.Stdin)
}
