// Command linkall is the least that a program with the passport's libraries can be:
// it links each that the passport requires by its go.mod, by what the passport calls
// of it, and serves one file, or nothing but 200, from memory. It is what the
// passport's start, size and pages are held against. With -echo it answers each line
// on a unix socket with the same line.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"html/template"
	"net"
	"os"

	"code.dny.dev/ssrf"
	"codeberg.org/go-pdf/fpdf"
	"github.com/alecthomas/kong"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifregular"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/gofiber/fiber/v2"
	"github.com/hashicorp/go-plugin"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/klauspost/compress/s2"
	"github.com/mattn/go-isatty"
	"github.com/mattn/go-sqlite3"
	"github.com/microcosm-cc/bluemonday"
	"github.com/pelletier/go-toml/v2"
	"github.com/pressly/goose/v3"
	"github.com/rivo/uniseg"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/wneessen/go-mail"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"go.yaml.in/yaml/v3"
	"golang.org/x/crypto/argon2"
	"golang.org/x/image/draw"
	"golang.org/x/image/font/opentype"
	"golang.org/x/net/html"
	"golang.org/x/oauth2"
	"golang.org/x/text/language/display"
	"golang.org/x/text/message"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/time/rate"
	"rsc.io/qr"
)

// linked keeps the linker from leaving the libraries out.
var linked = []any{
	ssrf.New, fpdf.New, kong.New, oidc.NewProvider, jose.ParseSigned, webauthn.New, plugin.Serve, plugin.NewClient,
	stdlib.GetDefaultDriver, s2.MakeDict, isatty.IsTerminal, &sqlite3.SQLiteDriver{}, bluemonday.UGCPolicy, toml.Unmarshal, goose.NewProvider,
	uniseg.GraphemeClusterCount, jsonschema.NewCompiler, mail.NewClient, goldmark.New, extension.GFM, yaml.Unmarshal, argon2.IDKey,
	draw.CatmullRom, opentype.Parse, html.Parse, oauth2.NewClient, display.Self, message.NewPrinter, norm.NFC, rate.NewLimiter, qr.Encode,
	template.New, &dejavusans.TTF, &dejavusansbold.TTF, &liberationsansbold.TTF, &liberationsansregular.TTF, &liberationserifbold.TTF, &liberationserifregular.TTF,
}

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
