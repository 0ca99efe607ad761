// Go's own net/http server. Everything that is Go's and that a hand inside its system calls might
// disturb has a path: files by sendfile, children, garbage, growing stacks, flushes, sleeps.
//
// Knows the two variables by which the harness tells every server what to serve and where, and those
// of disturb.go. Refuses to know that it may not be alone in its process.
package main

import (
	"net/http"
	"os"
	"strconv"
)

func main() {
	startedAgain()
	writeFile()
	disturb()
	http.HandleFunc("/hello", hello)
	http.HandleFunc("/chunks", chunks)
	http.HandleFunc("/flush", flush)
	http.HandleFunc("/length", length)
	http.HandleFunc("/echo", echo)
	http.HandleFunc("/file", file)
	http.HandleFunc("/exec", execute)
	http.HandleFunc("/again", again)
	http.HandleFunc("/alloc", alloc)
	http.HandleFunc("/sleep", sleep)
	http.HandleFunc("/exit", exit)
	http.HandleFunc("/stopped", stopped)
	http.Handle("/", http.FileServer(http.Dir(os.Getenv("WWW"))))
	server := &http.Server{
		Addr:    "127.0.0.1:" + os.Getenv("PORT"),
		Handler: logged(switching(http.DefaultServeMux)),
	}
	if limit, _ := strconv.ParseInt(os.Getenv("CLOSE_AFTER"), 10, 64); limit > 0 {
		closeAfter(limit, server)
	}
	panic(server.ListenAndServe())
}

// A line for every request that reached a handler: the server's own count.
func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		os.Stderr.WriteString(r.Method + " " + r.URL.RequestURI() + "\n")
		next.ServeHTTP(w, r)
	})
}
