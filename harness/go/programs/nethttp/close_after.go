// What whoever has the source needs instead of lastcall: net/http says close on the N-th response of
// each connection by itself. It uses nothing of the rest.
package main

import (
	"context"
	"net"
	"net/http"
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
