package core

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/osier-passport/osier/plugins"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// TestMain makes the test binary serve bundled plugins as the real one does, so
// that a passport of a test runs real plugin processes.
func TestMain(m *testing.M) {
	if os.Getenv(wire.Handshake().MagicCookieKey) != "" && len(os.Args) == 6 && os.Args[4] == "--manifest" {
		if err := plugins.ServeFile(os.Args[5]); err != nil {
			os.Exit(3)
		}
		return
	}
	if os.Getenv(wire.Handshake().MagicCookieKey) != "" && len(os.Args) == 4 && os.Args[1] == "plugin" && os.Args[2] == "serve" {
		if err := plugins.Serve(os.Args[3]); err != nil {
			os.Exit(3)
		}
		return
	}
	if os.Getenv(wire.Handshake().MagicCookieKey) != "" && filepath.Base(os.Args[0]) == "fake" {
		serveFake()
		return
	}
	if os.Getenv(killData) != "" && os.Getenv(wire.Handshake().MagicCookieKey) == "" {
		if err := sharesInAChild(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(4)
		}
		return
	}
	os.Exit(m.Run())
}
