// httputil's reverse proxy: what comes is copied by splice where both ends are sockets.
package main

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
)

func main() {
	backend := &url.URL{Scheme: "http", Host: "127.0.0.1:" + os.Getenv("BACKEND_PORT")}
	proxy := httputil.NewSingleHostReverseProxy(backend)
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), proxy))
}
