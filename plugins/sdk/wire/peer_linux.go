package wire

import "syscall"

// NamesPeers tells whether this system says which process is at the other end of a
// unix socket.
const NamesPeers = true

func peerOf(fd int) (pid int, err error) {
	c, err := syscall.GetsockoptUcred(fd, syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	if err != nil {
		return 0, err
	}
	return int(c.Pid), nil
}
