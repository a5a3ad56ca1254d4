package web

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gofiber/fiber/v2"
)

// Stream sends a whole file from its start as a download that nothing caches,
// and closes it.
func (c *Ctx) Stream(mime, download string, f *os.File) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("send a file: %w", err), f.Close())
	}
	c.f.Set(fiber.HeaderCacheControl, noStore)
	c.f.Set(fiber.HeaderContentType, mime)
	c.f.Set(fiber.HeaderContentDisposition, attachment(download))
	c.f.Response().SetBodyStream(f, int(size))
	return nil
}
