// Command osier is a community passport for Open Badges: people receive,
// verify, organise and share badges, follow each other, and keep their data.
package main

import (
	"os"

	"github.com/osier-passport/osier/core"
)

func main() {
	os.Exit(core.Main(os.Args[1:], core.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
