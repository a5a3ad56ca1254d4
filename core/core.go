// Package core is the whole passport: the commands, and the flat list in which
// app.go wires the features together. Only main.go calls it.
package core

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/osier-passport/osier/plugins"
	"github.com/osier-passport/osier/plugins/sdk"
)

// The exit codes of every command.
const (
	exitOK    = 0
	exitFail  = 1
	exitUsage = 2
)

// Streams are what a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// exitError ends a command with a code of its own and nothing more to say.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// commands are the words of the command line. Each Run method is one command.
type commands struct {
	Serve   serveCommand   `cmd:"" default:"withargs" help:"Serve the passport (the default)."`
	Demo    demoCommand    `cmd:"" help:"Serve a seeded community from a throw-away folder."`
	Migrate migrateCommand `cmd:"" help:"Bring the database up to date and end."`
	Verify  verifyCommand  `cmd:"" help:"Verify badges without a server: files, addresses, or - for standard input."`
	Plugin  pluginCommand  `cmd:"" help:"List, describe or serve share plugins."`
	Mail    mailCommand    `cmd:"" help:"Test the mail server."`
	User    userCommand    `cmd:"" help:"Create people and make administrators."`
	App     appCommand     `cmd:"" help:"Set up apps that may act for people who allow it (OAuth 2.0, docs/api.md)."`
	Search  searchCommand  `cmd:"" help:"Make the search index anew."`
	Version versionCommand `cmd:"" help:"Print the version."`
	Help    helpCommand    `cmd:"" help:"Print the help of osier or of one command."`
}

// Main runs the command line and gives the exit code: 0 done, 1 failed, 2 not understood.
// A plugin that the passport starts goes past the command line, which would take a
// seventh of its start, and so does a passport that is started in the usual way.
func Main(args []string, s Streams) int {
	if len(args) == 3 && args[0] == "plugin" && args[1] == "serve" && sdk.ValidID(args[2]) {
		return exitCode(plugins.Serve(args[2]), s.Err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if c, ok := plainServe(args); ok {
		return exitCode(c.Run(ctx, s), s.Err)
	}
	return run(ctx, args, s)
}

// plainServe reads "serve" with its two flags. It reports false for all that needs the
// command line to be understood, or to be told what is wrong with it.
func plainServe(args []string) (c serveCommand, ok bool) {
	if len(args) == 0 {
		return c, true
	}
	if args[0] != "serve" {
		return c, false
	}
	into := map[string]*string{"--listen": &c.Listen, "--config": &c.Config}
	for args = args[1:]; len(args) > 0; args = args[1:] {
		name, value, joined := strings.Cut(args[0], "=")
		if !joined && len(args) > 1 {
			args = args[1:]
			value = args[0]
		}
		to := into[name]
		if to == nil || value == "" || strings.HasPrefix(value, "-") || *to != "" {
			return serveCommand{}, false
		}
		*to = value
	}
	return c, true
}

// helped is thrown by kong's exit after it printed help, and caught in run.
type helped int

func run(ctx context.Context, args []string, s Streams) (code int) {
	var c commands
	defer func() {
		if p := recover(); p != nil {
			h, ok := p.(helped)
			if !ok {
				panic(p)
			}
			code = int(h)
		}
	}()
	k, err := parser(&c, s)
	if err != nil {
		fmt.Fprintln(s.Err, "osier:", err)
		return exitFail
	}
	parsed, err := k.Parse(args)
	if err != nil {
		fmt.Fprintf(s.Err, "osier: %s\nTry: osier %s--help\n", err, commandOf(err))
		return exitUsage
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	parsed.Bind(s, k)
	return exitCode(parsed.Run(), s.Err)
}

// commandOf is the command that a mistake was made with, and a space, or "".
func commandOf(err error) string {
	e, ok := errors.AsType[*kong.ParseError](err)
	if !ok || e.Context == nil {
		return ""
	}
	var name strings.Builder
	for _, p := range e.Context.Path {
		if p.Command != nil {
			name.WriteString(p.Command.Name + " ")
		}
	}
	return name.String()
}

func parser(c *commands, s Streams) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("osier"),
		kong.Description("A community passport for Open Badges. Configuration: config.toml or OSIER_… variables, see config.example.toml."),
		kong.Writers(s.Out, s.Err),
		kong.Exit(func(code int) { panic(helped(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
}

func exitCode(err error, w io.Writer) int {
	if err == nil {
		return exitOK
	}
	if e, ok := errors.AsType[exitError](err); ok {
		return int(e)
	}
	fmt.Fprintln(w, "osier:", err)
	return exitFail
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(s Streams) error {
	_, err := fmt.Fprintln(s.Out, "osier", Version())
	return err
}

type helpCommand struct {
	Command []string `arg:"" optional:"" help:"The command to explain."`
}

// Run prints help, as --help does.
func (h helpCommand) Run(k *kong.Kong, s Streams) error {
	_, err := k.Parse(append(append([]string{}, h.Command...), "--help"))
	if err != nil {
		fmt.Fprintf(s.Err, "osier: no help for %q: %s\nTry: osier --help\n", strings.Join(h.Command, " "), err)
		return exitError(exitUsage)
	}
	return nil
}
