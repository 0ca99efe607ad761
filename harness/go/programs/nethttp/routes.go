// What each path does. The same request has the same answer in every process and at any time.
package main

import (
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

const deep, sevenMegabytes = 100, 7 << 20

func say(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	io.WriteString(w, text)
}

func hello(w http.ResponseWriter, r *http.Request) { say(w, "hello\n") }

func chunks(w http.ResponseWriter, r *http.Request) {
	for _, chunk := range []string{"first\n", strings.Repeat("second ", 5000) + "\n", "third\n"} {
		io.WriteString(w, chunk)
		w.(http.Flusher).Flush()
	}
}

// A head that goes out long before its content.
func flush(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", "6")
	w.(http.Flusher).Flush()
	time.Sleep(20 * time.Millisecond)
	io.WriteString(w, "later\n")
}

func length(w http.ResponseWriter, r *http.Request) {
	size, err := io.Copy(io.Discard, r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	say(w, strconv.FormatInt(size, 10))
}

func echo(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	say(w, string(content))
}

// By sendfile.
func file(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "seven.bin") }

func writeFile() {
	content := make([]byte, sevenMegabytes)
	rand.New(rand.NewSource(7)).Read(content)
	past := time.Unix(1600000000, 0)
	if os.WriteFile("seven.bin", content, 0o644) != nil || os.Chtimes("seven.bin", past, past) != nil {
		panic("cannot write seven.bin")
	}
}

// A child by vfork, exec and a pipe.
func execute(w http.ResponseWriter, r *http.Request) {
	said, err := exec.Command("/bin/echo", "from a child").CombinedOutput()
	say(w, fmt.Sprint(string(said), err, "\n"))
}

// A child that is this program once more, as programs do that upgrade themselves.
func again(w http.ResponseWriter, r *http.Request) {
	own, err := os.Executable()
	if err == nil {
		var said []byte
		said, err = exec.Command(own, "again").Output()
		own = string(said)
	}
	say(w, fmt.Sprint(own, err, "\n"))
}

func startedAgain() {
	if len(os.Args) > 1 && os.Args[1] == "again" {
		fmt.Println("started again")
		os.Exit(0)
	}
}

// Garbage, and a stack that grows each time anew: goroutines begin with 2 KiB.
func alloc(w http.ResponseWriter, r *http.Request) {
	sums := make(chan int)
	go func() { sums <- descend(deep) }()
	say(w, fmt.Sprint(<-sums, "\n"))
}

func descend(levels int) int {
	var frame [512]byte
	garbage := make([]byte, 4096)
	frame[levels%len(frame)] = 1
	if levels == 0 {
		return len(garbage)
	}
	return descend(levels-1) + int(frame[levels%len(frame)])
}

func sleep(w http.ResponseWriter, r *http.Request) {
	time.Sleep(20 * time.Millisecond)
	say(w, "slept\n")
}

func exit(w http.ResponseWriter, r *http.Request) {
	status, _ := strconv.Atoi(r.URL.Query().Get("status"))
	os.Exit(status)
}
