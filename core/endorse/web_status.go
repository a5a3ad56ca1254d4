package endorse

import (
	"strconv"

	"github.com/osier-passport/osier/core/web"
)

// listType is the media type of a status list (VC 2.0 §6.2).
const listType = "application/vc"

// status hands out the status list of who signs.
func (p pages) status(c *web.Ctx) error {
	text, err := p.StatusList(c.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return c.Bytes(listType, text, web.ByteOptions{
		CacheControl: "public, max-age=" + strconv.Itoa(int(listTTL.Seconds())), CSP: web.FilePolicy, AnyOrigin: true,
	})
}
