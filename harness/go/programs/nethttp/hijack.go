// Connections that stop being HTTP: an upgrade to an echo, and a tunnel to one, both taken over by the
// handler. What is said on them is nobody's business.
package main

import (
	"io"
	"net/http"
)

const (
	upgraded = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
	tunneled = "HTTP/1.1 200 Connected\r\n\r\n"
)

func switching(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			takeOver(w, tunneled)
		} else if r.Header.Get("Upgrade") == "echo" {
			takeOver(w, upgraded)
		} else {
			next.ServeHTTP(w, r)
		}
	})
}

func takeOver(w http.ResponseWriter, head string) {
	connection, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer connection.Close()
	io.WriteString(connection, head)
	io.Copy(connection, buffered)
}
