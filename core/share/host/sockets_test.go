package host

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// services are the unix sockets of others in the folder of a house, by kind.
var services = map[string]string{"unix": "service.sock", "unixpacket": "packets.sock", "unixgram": "letters.sock"}

// listen opens them. What listens says back what it is told.
func (h house) listen(t *testing.T) {
	t.Helper()
	for kind, name := range services {
		path := filepath.Join(h.data, name)
		if kind == "unixgram" {
			letters, err := net.ListenPacket(kind, path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = letters.Close() })
			continue
		}
		l, err := net.Listen(kind, path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					_, _ = io.Copy(conn, conn)
					_ = conn.Close()
				}()
			}
		}()
	}
}

// conversations are the attempts on them; the last two take what sockets a process has left.
func (h house) conversations() []string {
	service := " " + filepath.Join(h.data, services["unix"])
	list := []string{
		"speak" + service, "speak-near" + service, "speak-racing" + service, "speak-urgent" + service, "speak-rights" + service, "speak-spliced" + service,
		"packet " + filepath.Join(h.data, services["unixpacket"]), "letter " + filepath.Join(h.data, services["unixgram"]), "letter-pair " + filepath.Join(h.data, services["unixgram"]),
	}
	if _, err := exec.LookPath(perl); err == nil {
		list = append(list, "speak-child"+service)
	}
	if ring("") == nil {
		list = append(list, "ring x")
	}
	if muted() {
		list = append(list, "hoard x", "seize"+service)
	}
	return list
}

var word = []byte("hello")

// speak connects, says something by say, and hears it again.
func speak(connect func(s int, path string) error, say func(s int) error) func(string) error {
	return func(path string) error {
		s, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		if err != nil {
			return fmt.Errorf("the socket itself: %v", err) //nolint:errorlint // to be told from a refusal
		}
		defer unix.Close(s)
		if err := connect(s, path); err != nil {
			return err
		}
		if err := say(s); errors.Is(err, unix.EPIPE) {
			return fmt.Errorf("nothing can be said: %w", unix.EACCES)
		} else if err != nil {
			return err
		}
		heard := make([]byte, len(word))
		if n, err := unix.Read(s, heard); err != nil || n == 0 {
			return fmt.Errorf("nothing heard: %v", err) //nolint:errorlint // as above
		}
		return nil
	}
}

func connect(s int, path string) error { return unix.Connect(s, &unix.SockaddrUnix{Name: path}) }

// connectNear connects by the last part of the path, from its folder.
func connectNear(s int, path string) error {
	here, err := unix.Open(".", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(here)
	if err := unix.Chdir(filepath.Dir(path)); err != nil {
		return err
	}
	return errors.Join(connect(s, filepath.Base(path)), unix.Fchdir(here))
}

// connectRacing connects a number that another thread makes a TCP socket and the unix
// socket in turn.
func connectRacing(s int, path string) error {
	tcp, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(tcp)
	number, err := unix.Dup(tcp)
	if err != nil {
		return err
	}
	defer unix.Close(number)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				_, _ = unix.Dup3(s, number, 0), unix.Dup3(tcp, number, 0)
			}
		}
	}()
	for range 100_000 {
		if err = connect(number, path); err == nil || errors.Is(err, unix.EACCES) {
			break
		}
		runtime.Gosched()
	}
	close(stop)
	<-stopped
	return err
}

func say(s int) error {
	_, err := unix.Write(s, word)
	return err
}

func sayUrgently(s int) error {
	err := unix.Send(s, []byte("!"), unix.MSG_OOB)
	if errors.Is(err, unix.EOPNOTSUPP) { // a system without it
		return say(s)
	}
	return errors.Join(err, say(s))
}

func sayWithRights(s int) error { return unix.Sendmsg(s, word, unix.UnixRights(s), nil, 0) }

func saySpliced(s int) error {
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
		return err
	}
	defer unix.Close(ends[0])
	defer unix.Close(ends[1])
	if _, err := unix.Write(ends[1], word); err != nil {
		return err
	}
	_, err := unix.Splice(ends[0], nil, s, nil, len(word), 0)
	return err
}

const perl = "/usr/bin/perl"

// speakOfChild has a program of the system speak.
func speakOfChild(path string) error {
	const script = `$SIG{PIPE} = "IGNORE"; socket(my $s, PF_UNIX, SOCK_STREAM, 0) or exit 3;
		connect($s, sockaddr_un($ARGV[0])) or exit($!{EACCES} ? 4 : 5); syswrite($s, "hello") or exit($!{EPIPE} ? 4 : 6); sysread($s, my $heard, 5) or exit 7`
	out, err := exec.Command(perl, "-MSocket", "-MErrno", "-e", script, path).CombinedOutput()
	if ended := (*exec.ExitError)(nil); errors.As(err, &ended) && ended.ExitCode() != 4 {
		return fmt.Errorf("%v: %s", err, bytes.TrimSpace(out)) //nolint:errorlint // to be told from a refusal
	}
	return err
}

func packet(path string) error { return tell(net.Dial("unixpacket", path)) }
func letter(path string) error { return tell(net.Dial("unixgram", path)) }

func tell(conn net.Conn, err error) error {
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Write(word)
	return err
}

// letterOfPair sends to a path from one of two connected sockets.
func letterOfPair(path string) error {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	return unix.Sendto(pair[0], word, 0, &unix.SockaddrUnix{Name: path})
}

// ring makes an io_uring.
func ring(string) error {
	var parameters [120]byte
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&parameters)), 0)
	if errno != 0 {
		return errno
	}
	return unix.Close(int(fd))
}

// hoard makes more unix sockets than a plugin may, one after the other.
func hoard(string) error {
	for range maxSockets + 1 {
		s, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		if errors.Is(err, unix.ENOSYS) {
			err = unix.EACCES
		}
		if err != nil {
			return err
		}
		if err := unix.Close(s); err != nil {
			return err
		}
	}
	return nil
}

// seize has this process answer its own calls for unix sockets, once nobody else does: that
// the kernel shall go on with them (seccomp_unotify(2), SECCOMP_USER_NOTIF_FLAG_CONTINUE),
// since of two filters that ask the later one counts.
func seize(path string) error {
	if err := hoard(""); err != nil && !errors.Is(err, unix.EACCES) {
		return err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2)) // one waits in a call while the other answers
	said, asks := make(chan error, 1), make(chan uintptr, 1)
	go func() {
		runtime.LockOSThread() // it ends with its filter
		defer close(asks)
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			said <- err
			return
		}
		steps := []unix.SockFilter{
			{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS},
			{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: unix.SYS_SOCKET},
			{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_USER_NOTIF},
			{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
		}
		program := unix.SockFprog{Len: uint16(len(steps)), Filter: &steps[0]}
		fd, _, err := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, uintptr(unsafe.Pointer(&program)))
		if err != 0 {
			said <- err
			return
		}
		asks <- fd
		said <- speak(connect, say)(path)
	}()
	if fd, ok := <-asks; ok {
		defer unix.Close(int(fd))
		var call socketCall
		if _, err := control(fd, unix.SECCOMP_IOCTL_NOTIF_RECV, &call); err != 0 {
			return err
		}
		answer := [3]uint64{call.id, 0, unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE << 32} // struct seccomp_notif_resp
		if _, err := control(fd, unix.SECCOMP_IOCTL_NOTIF_SEND, &answer); err != 0 {
			return err
		}
	}
	return <-said
}

// pairs makes what programs speak to their own children by, and says something there.
func pairs(kind string) error {
	of := map[string]int{"stream": unix.SOCK_STREAM, "packet": unix.SOCK_SEQPACKET}[kind]
	pair, err := unix.Socketpair(unix.AF_UNIX, of|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	heard := make([]byte, len(word))
	if err := say(pair[0]); err != nil {
		return err
	}
	if _, err := unix.Read(pair[1], heard); err != nil || !bytes.Equal(heard, word) {
		return fmt.Errorf("heard %q: %w", heard, err)
	}
	return nil
}

// What a plugin cannot do with sockets of others it still can with its own pairs. It
// has sockets that are closed in its children where it asks for that, does not wait for
// them when it says so, and learns of wrong arguments.
func TestSocketsOfItsOwn(t *testing.T) {
	if !muted() {
		t.Skip("the system makes the sockets itself")
	}
	h := newHost(t, Options{Bundled: bundled("burglar")})
	list := []string{"pair stream", "pair packet", "socket-flags x", "socket-wrong x"}
	if came := strings.Join(burgled(t, h, "burglar", list), ""); came != "" {
		t.Errorf("got %q", came)
	}
}

// No descriptor stays of a process that has ended, nor of what it asked for.
func TestDescriptorsEnd(t *testing.T) {
	h := newHost(t, Options{Bundled: bundled("good")})
	counts := map[int]bool{}
	for range 3 {
		works(t, h)
		u := h.units["good"]
		u.mu.Lock()
		p := u.proc
		u.proc = nil
		u.mu.Unlock()
		p.stop(stopGrace)
		open, err := filepath.Glob("/proc/self/fd/*")
		if err != nil {
			t.Fatal(err)
		}
		counts[len(open)] = true
	}
	if len(counts) != 1 {
		t.Errorf("after each end there are %v open", slices.Sorted(maps.Keys(counts)))
	}
}

func socketFlags(string) error {
	for kind, want := range map[int][2]int{0: {0, 0}, unix.SOCK_CLOEXEC: {unix.FD_CLOEXEC, 0}, unix.SOCK_NONBLOCK: {0, unix.O_NONBLOCK}} {
		s, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|kind, 0)
		if err != nil {
			return err
		}
		inherited, err := unix.FcntlInt(uintptr(s), unix.F_GETFD, 0)
		flags, wrong := unix.FcntlInt(uintptr(s), unix.F_GETFL, 0)
		if err := errors.Join(err, wrong, unix.Close(s)); err != nil {
			return err
		}
		if inherited != want[0] || flags&unix.O_NONBLOCK != want[1] {
			return fmt.Errorf("%#x: got %#x and %#x", kind, inherited, flags)
		}
	}
	return nil
}

func socketWrong(string) error {
	s, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 77)
	if err == nil {
		err = unix.Close(s)
	}
	if !errors.Is(err, syscall.EPROTONOSUPPORT) {
		return fmt.Errorf("a protocol that is not there: %v", err) //nolint:errorlint // another than wanted
	}
	return nil
}
