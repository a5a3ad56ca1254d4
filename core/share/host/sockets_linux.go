//go:build cgo

package host

import (
	"errors"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxSockets is how many unix sockets a process and what it starts can make in their
// life: one to listen at, and some for a library that looks whether a service is there.
// After them nobody answers, and the kernel refuses (ENOSYS).
const maxSockets = 16

// addDescriptor is SECCOMP_IOCTL_NOTIF_ADDFD.
const addDescriptor = 0x40182103

// socketCall is struct seccomp_notif, for a call of socket.
type socketCall struct {
	id   uint64
	_    [2]uint32 // process, flags
	_    [2]uint32 // number of the call, kind of processor
	_    uint64    // where it is made
	args [6]uint64 // family, kind, protocol
}

// addition is struct seccomp_notif_addfd.
type addition struct {
	id   uint64
	_    uint32 // flags
	from uint32
	_    uint32 // the number that it is to have
	kind uint32
}

// reply is struct seccomp_notif_resp.
type reply struct {
	id    uint64
	value uint64
	error int32
	_     uint32 // flags
}

// makeSockets answers the calls of the process for unix sockets: maxSockets of them, or
// until calls is closed, which is when it has ended.
func (r *run) makeSockets(calls *os.File) {
	r.calls = calls
	r.outputs.Go(func() {
		defer calls.Close() // whoever calls then is refused, and does not wait
		conn, err := calls.SyscallConn()
		if err != nil {
			return
		}
		left := maxSockets
		_ = conn.Read(func(fd uintptr) bool { // its end is the end
			for left > 0 {
				switch next := asked(fd); {
				case next&unix.POLLIN != 0:
					left -= makeSocket(fd)
				case next != 0:
					return true
				default:
					return false
				}
			}
			return true
		})
	})
}

// asked tells whether a call waits (POLLIN), or no more will come (others).
func asked(fd uintptr) int16 {
	list := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}} //nolint:gosec // G115: a descriptor
	if _, err := unix.Poll(list, 0); err != nil && !errors.Is(err, unix.EINTR) {
		return unix.POLLERR
	}
	return list[0].Revents
}

// makeSocket answers a call with a socket that cannot be written to. That does not
// keep it from listening, since those that it accepts are others, and it cannot be
// undone: who connects it to what is not the plugin's has nothing to say there. The
// arguments of the call are numbers, so that nothing can be exchanged while we look.
// A caller that was ended or interrupted meanwhile gets no answer; the latter calls again.
func makeSocket(fd uintptr) (made int) {
	var call socketCall
	if _, err := control(fd, unix.SECCOMP_IOCTL_NOTIF_RECV, &call); err != 0 {
		return 0
	}
	number, err := hand(fd, call)
	_, _ = control(fd, unix.SECCOMP_IOCTL_NOTIF_SEND, &reply{id: call.id, value: uint64(number), error: -int32(err)}) //nolint:gosec // G115: an error of the kernel
	return 1
}

// hand gives the caller its socket, and tells by which number it has it.
func hand(fd uintptr, call socketCall) (uintptr, syscall.Errno) {
	kind := uintptr(call.args[1])
	s, _, err := unix.Syscall(unix.SYS_SOCKET, unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, uintptr(call.args[2]))
	if err != 0 {
		return 0, err
	}
	defer unix.Close(int(s))
	if _, _, err := unix.Syscall(unix.SYS_SHUTDOWN, s, unix.SHUT_WR, 0); err != 0 {
		return 0, err
	}
	give := addition{id: call.id, from: uint32(s), kind: uint32(kind & unix.SOCK_CLOEXEC)} //nolint:gosec // G115: a descriptor
	return control(fd, addDescriptor, &give)
}

// control is a call of ioctl, whose error is 0 for none.
func control[T any](fd, what uintptr, with *T) (uintptr, syscall.Errno) {
	for {
		got, _, err := unix.Syscall(unix.SYS_IOCTL, fd, what, uintptr(unsafe.Pointer(with))) //nolint:gosec // G103: as the kernel has it
		if err != unix.EINTR {
			return got, err
		}
	}
}
