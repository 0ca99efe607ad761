// fasthttp, which has an HTTP of its own and shares nothing with net/http but the sockets.
package main

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"
)

func main() {
	files := fasthttp.FSHandler(os.Getenv("WWW"), 0)
	server := &fasthttp.Server{MaxRequestBodySize: 64 << 20, Handler: func(ctx *fasthttp.RequestCtx) {
		os.Stderr.WriteString(string(ctx.Method()) + " " + string(ctx.RequestURI()) + "\n")
		switch string(ctx.Path()) {
		case "/hello":
			ctx.SetBodyString("hello\n")
		case "/chunks":
			ctx.SetBodyStreamWriter(chunks)
		case "/length":
			ctx.SetBodyString(strconv.Itoa(len(ctx.PostBody())))
		default:
			files(ctx)
		}
	}}
	panic(server.ListenAndServe("127.0.0.1:" + os.Getenv("PORT")))
}

func chunks(w *bufio.Writer) {
	for _, chunk := range []string{"first\n", strings.Repeat("second ", 5000) + "\n", "third\n"} {
		w.WriteString(chunk)
		w.Flush()
	}
}
