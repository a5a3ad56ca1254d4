package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// HostPID is the entry of the environment that tells a plugin which process alone may
// call it. The host sets it where it speaks without TLS and NamesPeers holds.
const HostPID = "OSIER_HOST_PID"

// Peer gives the credentials of a connection over a unix socket that is not encrypted,
// since it never leaves the kernel, and whose other end the kernel names: check gets the
// number of the process that called connect, or listen, and an error of it ends the
// connection. See SO_PEERCRED in unix(7).
func Peer(check func(pid int) error) credentials.TransportCredentials {
	return peer{TransportCredentials: insecure.NewCredentials(), check: check}
}

// HostOnly gives the credentials of a plugin that lets nobody but its host call it; nil
// where the host did not name itself. An entry that is no number lets nobody in.
func HostOnly() credentials.TransportCredentials {
	text := os.Getenv(HostPID)
	if text == "" {
		return nil
	}
	host, err := strconv.Atoi(text)
	return Peer(func(pid int) error {
		if err != nil || pid != host {
			return fmt.Errorf("process %d is not the host", pid)
		}
		return nil
	})
}

type peer struct {
	credentials.TransportCredentials

	check func(pid int) error
}

func (p peer) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	if err := p.look(conn); err != nil {
		return nil, nil, err
	}
	return p.TransportCredentials.ClientHandshake(ctx, authority, conn)
}

func (p peer) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	if err := p.look(conn); err != nil {
		return nil, nil, err
	}
	return p.TransportCredentials.ServerHandshake(conn)
}

// Clone gives credentials with the same check.
func (p peer) Clone() credentials.TransportCredentials { return p }

func (p peer) look(conn net.Conn) error {
	s, ok := conn.(syscall.Conn)
	if !ok {
		return errors.New("the connection is no socket")
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return err
	}
	pid, wrong := 0, error(nil)
	if err := raw.Control(func(fd uintptr) { pid, wrong = peerOf(int(fd)) }); err != nil {
		return err
	}
	if wrong != nil {
		return wrong
	}
	return p.check(pid)
}
