// Command linkall is the least that a program with the passport's main libraries
// can be: it links them and serves one file, or nothing but 200, from memory. It
// is what the passport's start, size and pages are held against. With -echo it
// answers each line on a unix socket with the same line.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"net"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gofiber/fiber/v2"
	"github.com/hashicorp/go-plugin"
	"github.com/mattn/go-sqlite3"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/oauth2"
)

// linked keeps the linker from leaving the libraries out.
var linked = []any{plugin.Serve, plugin.NewClient, oidc.NewProvider, oauth2.NewClient, toml.Unmarshal, &sqlite3.SQLiteDriver{}}

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to serve on")
	file := flag.String("file", "", "HTML page to serve at every path")
	socket := flag.String("echo", "", "unix socket to echo on, instead of serving")
	flag.Parse()
	run := func() error { return serve(*listen, *file) }
	if *socket != "" {
		run = func() error { return echo(*socket) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "linkall:", err, len(linked))
		os.Exit(1)
	}
}

func serve(listen, file string) error {
	page := []byte("ok\n")
	if file != "" {
		var err error
		if page, err = os.ReadFile(file); err != nil {
			return err
		}
	}
	f := fiber.New(fiber.Config{DisableStartupMessage: true})
	f.Get("/*", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
		return c.Send(page)
	})
	return f.Listen(listen)
}

func echo(socket string) error {
	ln, err := net.Listen("unix", socket) //nolint:noctx // for the life of the process
	if err != nil {
		return err
	}
	for {
		conn, err := ln.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			in := bufio.NewReaderSize(conn, 64<<10)
			for {
				line, err := in.ReadSlice('\n')
				if err != nil {
					return
				}
				if _, err := conn.Write(line); err != nil {
					return
				}
			}
		}()
	}
}
