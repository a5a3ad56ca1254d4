package web

import (
	"io"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"
)

// StreamFrom sends size bytes of r as a download that nothing caches, and closes
// r. It takes as long as the other side needs, if only something moves each
// minute.
func (c *Ctx) StreamFrom(mime, download string, size int64, r io.ReadCloser) error {
	c.f.Set(fiber.HeaderCacheControl, noStore)
	c.f.Set(fiber.HeaderContentType, mime)
	c.f.Set(fiber.HeaderContentDisposition, attachment(download))
	c.f.Response().SetBodyStream(&patient{r, c.f.Context().Conn()}, int(size))
	return nil
}

// patient moves the deadline of the connection on with each read.
type patient struct {
	io.ReadCloser

	conn net.Conn
}

// Read implements io.Reader.
func (p *patient) Read(b []byte) (int, error) {
	if err := p.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	return p.ReadCloser.Read(b)
}
