// echo, as in the articles: a router, JSON, files, an upload.
package main

import (
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/labstack/echo"
)

func main() {
	server := echo.New()
	server.HideBanner, server.HidePort = true, true
	server.Use(logged)
	server.GET("/hello", func(c echo.Context) error {
		return c.JSON(200, map[string]string{"hello": "echo"})
	})
	server.GET("/chunks", chunks)
	server.POST("/length", func(c echo.Context) error {
		content, err := io.ReadAll(c.Request().Body)
		if err != nil {
			return err
		}
		return c.String(200, strconv.Itoa(len(content)))
	})
	for _, name := range []string{"small.txt", "big.bin", "huge.bin"} {
		server.File("/"+name, os.Getenv("WWW")+"/"+name)
	}
	panic(server.Start("127.0.0.1:" + os.Getenv("PORT")))
}

func logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		os.Stderr.WriteString(c.Request().Method + " " + c.Request().URL.RequestURI() + "\n")
		return next(c)
	}
}

func chunks(c echo.Context) error {
	c.Response().WriteHeader(200)
	for _, chunk := range []string{"first\n", strings.Repeat("second ", 5000) + "\n", "third\n"} {
		io.WriteString(c.Response(), chunk)
		c.Response().Flush()
	}
	return nil
}
