package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// Dial connects to address (host:port) under the rules of Get: the address that the
// name leads to is judged when the connection is made. It is for the way out of
// plugins, which speak for themselves then. Errors are those of Get.
func (c *Client) Dial(ctx context.Context, address string) (net.Conn, error) {
	if c.offline {
		return nil, describe(errOffline, address)
	}
	host, port, err := splitAddress(address)
	if err != nil {
		return nil, describe(fmt.Errorf("%w: %w", errBadURL, err), address)
	}
	if err := c.guard.check(host, port); err != nil {
		return nil, describe(err, address)
	}
	conn, err := c.dial(ctx, "tcp", address)
	if err != nil {
		return nil, describe(errors.Join(ErrUnavailable, err), address)
	}
	return conn, nil
}
