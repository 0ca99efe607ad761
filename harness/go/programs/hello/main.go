// The smallest net/http server: what is measured of it is Go's own. With LIMIT, the articles'
// middleware beside it, which says close on that response of each connection.
package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
)

type served struct{}

func closeAfter(limit int64, server *http.Server) {
	next := server.Handler
	server.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, served{}, new(int64))
	}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if atomic.AddInt64(r.Context().Value(served{}).(*int64), 1) >= limit {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

func main() {
	content, _ := os.ReadFile(os.Getenv("WWW") + "/128.txt")
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT")}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(content) })
	if limit, _ := strconv.ParseInt(os.Getenv("LIMIT"), 10, 64); limit > 0 {
		closeAfter(limit, server)
	}
	panic(server.ListenAndServe())
}
