//go:build unix

package host

import (
	"io/fs"
	"syscall"
)

func ownerOf(info fs.FileInfo) (owner, bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return owner{}, false
	}
	return owner{user: int(st.Uid), group: int(st.Gid)}, true
}
