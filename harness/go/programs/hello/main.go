// The smallest net/http server: what is measured of it is Go's own. With LIMIT, the articles'
// middleware beside it (close_after.go), which says close on that response of each connection.
package main

import (
	"net/http"
	"os"
	"strconv"
)

func main() {
	content, _ := os.ReadFile(os.Getenv("WWW") + "/128.txt")
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT")}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(content) })
	if limit, _ := strconv.ParseInt(os.Getenv("LIMIT"), 10, 64); limit > 0 {
		closeAfter(limit, server)
	}
	panic(server.ListenAndServe())
}
