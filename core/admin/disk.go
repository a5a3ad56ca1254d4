package admin

import (
	"syscall"

	"github.com/osier-passport/osier/core/web"
)

const lowDisk = 1 << 30 // bytes

func free(dir string) (int64, bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * s.Bsize, true //nolint:gosec // G115: a disk is smaller than 8 EiB
}

func diskState(dir string) string {
	n, ok := free(dir)
	return state(ok && n > lowDisk)
}

// diskFree is how much is free, in GB.
func diskFree(c *web.Ctx, dir string) string {
	n, ok := free(dir)
	if !ok {
		return "?"
	}
	return c.Catalogue().Decimal(c.Lang(), float64(n)/1e9)
}
