package core

import (
	"io"
	"strings"
	"testing"
)

// TestAPlainStartIsReadAsTheCommandLineReadsIt, and everything else is left to it.
func TestAPlainStartIsReadAsTheCommandLineReadsIt(t *testing.T) {
	for line, plain := range map[string]bool{
		"": true, "serve": true, "serve --listen :80": true, "serve --listen=localhost:1": true, "serve --config a.toml --listen x:1": true,
		"serve --listen=:80 --config=a=b": true,
		"serve --listen":                  false, "serve --listen=": false, "serve --listen -x": false, "serve --help": false, "serve --other x": false, "serve x": false,
		"serve --listen a --listen b": false, "serve -- --listen": false, "version": false, "demo --listen x": false, "--listen x": false,
	} {
		args := strings.Fields(line)
		got, ok := plainServe(args)
		if ok != plain {
			t.Errorf("%q is plain: %t", line, ok)
		}
		if !ok {
			continue
		}
		var c commands
		k, err := parser(&c, Streams{Out: io.Discard, Err: io.Discard})
		if err != nil {
			t.Fatal(err)
		}
		if read, err := k.Parse(args); err != nil || read.Command() != "serve" || got != c.Serve {
			t.Errorf("%q is %+v, the command line reads %+v: %v", line, got, c.Serve, err)
		}
	}
}
