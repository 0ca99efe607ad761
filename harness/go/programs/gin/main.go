// gin, as in the articles: a router, its recovery, JSON, files, an upload.
package main

import (
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

func main() {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(gin.Recovery(), func(c *gin.Context) {
		os.Stderr.WriteString(c.Request.Method + " " + c.Request.URL.RequestURI() + "\n")
	})
	engine.GET("/hello", func(c *gin.Context) { c.JSON(200, gin.H{"hello": "gin"}) })
	engine.GET("/chunks", func(c *gin.Context) {
		parts := []string{"first\n", strings.Repeat("second ", 5000) + "\n", "third\n"}
		c.Stream(func(w io.Writer) bool {
			io.WriteString(w, parts[0])
			parts = parts[1:]
			return len(parts) > 0
		})
	})
	engine.POST("/length", func(c *gin.Context) {
		content, _ := io.ReadAll(c.Request.Body)
		c.String(200, strconv.Itoa(len(content)))
	})
	for _, name := range []string{"small.txt", "big.bin", "huge.bin"} {
		engine.StaticFile("/"+name, os.Getenv("WWW")+"/"+name)
	}
	panic(engine.Run("127.0.0.1:" + os.Getenv("PORT")))
}
