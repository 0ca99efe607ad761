// Go's http.FileServer. Its runtime makes system calls by itself, so that a preloaded library sees
// nothing of it, whether the program is linked statically or, with cgo.go beside it, against libc.
package main

import (
	"net/http"
	"os"
)

func main() {
	files := http.FileServer(http.Dir(os.Getenv("WWW")))
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), files))
}
