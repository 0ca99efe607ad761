// A service as in the articles, gin on net/http, that is slow: so many requests in work at once, each
// for a fixed time, others wait.
package main

import (
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

func main() {
	content, _ := os.ReadFile(os.Getenv("INSTANCE"))
	service, _ := strconv.ParseFloat(os.Getenv("SERVICE"), 64)
	workers, _ := strconv.Atoi(os.Getenv("WORKERS"))
	free := make(chan bool, workers)

	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.GET("/:name", func(c *gin.Context) {
		free <- true
		time.Sleep(time.Duration(service * float64(time.Second)))
		<-free
		c.Data(200, "text/plain", content)
	})
	listener, err := net.Listen("tcp", net.JoinHostPort(os.Getenv("ADDRESS"), os.Getenv("PORT")))
	if err != nil {
		panic(err)
	}
	panic(http.Serve(listener, engine))
}
