package host

// confine_linux.c is the other half: it runs in the child before anything else.

// int osier_can_ask(void);
import "C"

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// confinedBy asks confine_linux.c to shut the process in, and names the program that it
// becomes, after two signs: + where the process has no way out but the proxy, and +
// where the host makes its unix sockets, else -; no name means what it is already.
const confinedBy = "OSIER_CONFINED="

// What a version of Landlock added, by its number.
const (
	withRefer = 2 + iota
	withTruncate
	withTCP
	withDevices
	withScopes
	withSockets = 9
)

const ruleNetPort = 2 // LANDLOCK_RULE_NET_PORT

// netPort is landlock_net_port_attr.
type netPort struct{ access, port uint64 }

// landlock is the version of Landlock, 0 where there is none.
var landlock = sync.OnceValue(func() int {
	version, _, err := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if err != 0 {
		return 0
	}
	return int(version)
})

// muted tells whether the host makes the unix sockets of plugins: where Landlock has
// no rule for them, and it can.
var muted = sync.OnceValue(func() bool {
	v := landlock()
	return 0 < v && v < withSockets && C.osier_can_ask() != 0
})

func confinement() Confinement {
	v := landlock()
	return Confinement{Files: v > 0, Connections: v >= withTCP, Signals: v >= withScopes, Sockets: v >= withSockets || muted()}
}

// handled are the kinds of access that are denied where no rule allows them.
func handled(version int, port uint64) unix.LandlockRulesetAttr {
	a := unix.LandlockRulesetAttr{Handled_access_fs: unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1}
	if version >= withRefer {
		a.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if version >= withTruncate {
		a.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if version >= withDevices {
		a.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if version >= withSockets { // what it listens at itself is in its own domain
		a.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_RESOLVE_UNIX
	}
	if version >= withTCP {
		a.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP
		if port != 0 {
			a.Handled_access_net |= unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
		}
	}
	if version >= withScopes {
		a.Scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	return a
}

// access gives the kinds of access of a set of rights.
func (r rights) access() uint64 {
	const reading = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	switch r {
	case mayRun:
		return reading | unix.LANDLOCK_ACCESS_FS_EXECUTE
	case mayUse:
		return unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE
	case mayAll:
		return reading | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE | unix.LANDLOCK_ACCESS_FS_REFER |
			unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG |
			unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_SYM | unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_MAKE_FIFO
	default:
		return reading
	}
}

// onFiles are the kinds of access that a rule on a file can have.
const onFiles = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE

// ruleset makes the rules of one process: grants, and connections to port alone, or
// to all when it is 0.
func ruleset(grants []grant, port uint64) (*os.File, error) {
	attr := handled(landlock(), port)
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	if errno != 0 {
		return nil, fmt.Errorf("confine a plugin: %w", errno)
	}
	rules := os.NewFile(fd, "rules")
	for _, g := range grants {
		if err := addPath(rules, g, attr.Handled_access_fs); err != nil {
			return nil, errors.Join(fmt.Errorf("confine a plugin: %s: %w", g.path, err), rules.Close())
		}
	}
	if attr.Handled_access_net&unix.LANDLOCK_ACCESS_NET_CONNECT_TCP != 0 {
		rule := netPort{access: unix.LANDLOCK_ACCESS_NET_CONNECT_TCP, port: port}
		if err := addRule(rules, ruleNetPort, unsafe.Pointer(&rule)); err != nil {
			return nil, errors.Join(fmt.Errorf("confine a plugin: port %d: %w", port, err), rules.Close())
		}
	}
	return rules, nil
}

// addPath adds what is granted. A path that is not there, or that we cannot open, is
// left out: the plugin could not either.
func addPath(rules *os.File, g grant, handled uint64) error {
	fd, err := unix.Open(g.path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	var info unix.Stat_t
	if err := unix.Fstat(fd, &info); err != nil {
		return err
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: g.rights.access() & handled, Parent_fd: int32(fd)}
	if info.Mode&unix.S_IFMT != unix.S_IFDIR {
		rule.Allowed_access &= onFiles
	}
	return addRule(rules, unix.LANDLOCK_RULE_PATH_BENEATH, unsafe.Pointer(&rule))
}

func addRule(rules *os.File, kind uintptr, rule unsafe.Pointer) error {
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, rules.Fd(), kind, uintptr(rule), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// startConfined starts cmd, shut in where the system can. The child shuts itself in
// and becomes the program then, so that what goes wrong is told by a pipe.
func (r *run) startConfined(cmd *exec.Cmd) error {
	if landlock() == 0 {
		return cmd.Start()
	}
	port := proxyPort(r.env)
	if r.spec.anywhere {
		port = 0
	}
	rules, err := ruleset(grantsOf(r.spec, r.sockets, r.granted), port)
	if err != nil {
		return err
	}
	defer rules.Close()
	said, say, err := reports()
	if err != nil {
		return err
	}
	defer said.Close()
	cmd.ExtraFiles = []*os.File{rules, say} // 3 and 4, as confine_linux.c expects them
	program := ""
	if !r.spec.self {
		program, cmd.Path = cmd.Path, "/proc/self/exe"
	}
	cmd.Env = append(slices.Clip(cmd.Env), confinedBy+sign(port != 0)+sign(muted())+program)
	if err := errors.Join(cmd.Start(), say.Close()); err != nil {
		return err
	}
	if err := r.hear(said); err != nil {
		killGroup(cmd.Process)
		_ = cmd.Wait() // it says that it was killed
		return &os.PathError{Op: "start", Path: cmp.Or(program, cmd.Path), Err: err}
	}
	return nil
}

func sign(yes bool) string {
	if yes {
		return "+"
	}
	return "-"
}

// reports is where the child tells the host what goes wrong.
func reports() (said, say *os.File, err error) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("confine a plugin: %w", err)
	}
	return os.NewFile(uintptr(ends[0]), "reports"), os.NewFile(uintptr(ends[1]), "reports"), nil
}

// hear waits until the child is shut in and has become its program. Meanwhile it may
// give the descriptor where its calls for unix sockets are answered.
func (r *run) hear(said *os.File) error {
	if err := said.SetReadDeadline(time.Now().Add(cmp.Or(r.spec.start, time.Minute))); err != nil {
		return err
	}
	for {
		step, calls, err := report(said)
		switch {
		case calls != nil:
			r.makeSockets(calls)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && step != executing:
			return fmt.Errorf("it could not be confined (step %d): %w", step, err)
		case err != nil:
			return err
		}
	}
}

// report reads one report: a descriptor, or the error of a step, io.EOF after the last.
func report(said *os.File) (step uint32, calls *os.File, err error) {
	conn, err := said.SyscallConn()
	if err != nil {
		return 0, nil, err
	}
	words, beside := make([]byte, 8), make([]byte, unix.CmsgSpace(4))
	var n, more int
	wrong := conn.Read(func(fd uintptr) bool {
		n, more, _, _, err = unix.Recvmsg(int(fd), words, beside, unix.MSG_CMSG_CLOEXEC)
		return !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR)
	})
	if err := errors.Join(wrong, err); err != nil {
		return 0, nil, err
	}
	if n == 0 {
		return 0, nil, io.EOF
	}
	if more > 0 {
		calls, err = descriptor(beside[:more])
		return 0, calls, err
	}
	return binary.NativeEndian.Uint32(words), nil, syscall.Errno(binary.NativeEndian.Uint32(words[4:]))
}

// descriptor is the one that came beside a message.
func descriptor(beside []byte) (*os.File, error) {
	messages, err := unix.ParseSocketControlMessage(beside)
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		fds, err := unix.ParseUnixRights(&m)
		if err != nil {
			return nil, err
		}
		for _, fd := range fds { // there is room for one
			err := unix.SetNonblock(fd, true) // before it is a file, which waits for it then
			return os.NewFile(uintptr(fd), "calls"), err
		}
	}
	return nil, errors.New("no descriptor")
}

// executing is the step of confine_linux.c in which it becomes the program.
const executing = 6
