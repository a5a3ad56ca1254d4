package core

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal gives the two ends of a pseudo-terminal (pty(7)).
func terminal(t *testing.T) (screen, line *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here:", err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	fd := int(screen.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	line, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here:", err)
	}
	t.Cleanup(func() { _ = line.Close() })
	return screen, line
}

func TestVerifyShowsProgressOnATerminal(t *testing.T) {
	screen, line := terminal(t)
	s := newSigner(t, "Issuer")
	name := write(t, filepath.Join(t.TempDir(), "a.json"), s.sign(t, s.badge("Badge", "a@b.test")))
	if code := run(t.Context(), []string{"verify", "--offline", name, name, name}, Streams{Out: io.Discard, Err: line}); code != exitOK {
		t.Errorf("exit %d", code)
	}
	if _, err := line.WriteString("end\n"); err != nil {
		t.Fatal(err)
	}
	text, err := bufio.NewReader(screen).ReadString('\n')
	if err != nil || !regexp.MustCompile(`^\r[0-2]/[23]\x1b\[K`).MatchString(text) || !strings.Contains(text, "\r\x1b[Kend") {
		t.Errorf("the terminal shows %q, %v", text, err)
	}
}
