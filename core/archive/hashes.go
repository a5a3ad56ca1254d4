package archive

import (
	"fmt"
	"strings"
)

// Hashes gives the SHA-256 of the bytes of each badge and file by its id in the
// archive: ids are other ones where it is brought back, the bytes are the same.
func (a *Archive) Hashes() (map[string]string, error) {
	if a.hashes != nil {
		return a.hashes, nil
	}
	out := map[string]string{}
	type entry struct{ ID, Received, File string }
	read := func(name string) error {
		var list []entry
		if err := a.JSON(name, &list); err != nil {
			return err
		}
		for _, e := range list {
			out[e.ID] = a.sums[e.Received+e.File]
		}
		return nil
	}
	for name := range a.BadgeLists {
		if err := read(name); err != nil {
			return nil, err
		}
	}
	if err := read("files/files.json"); err != nil {
		return nil, err
	}
	delete(out, "")
	a.hashes = out
	return out, nil
}

// BadgeLists gives the names of the documents that list badges: the first, and those
// in which a long list goes on.
func (a *Archive) BadgeLists(yield func(name string) bool) {
	name := "badges/badges.json"
	for number := 2; a.Has(name) && yield(name); number++ {
		name = fmt.Sprintf("badges/badges-%d.json", number)
	}
}

// Clip cuts what an archive calls an item to what a page shows.
func Clip(s string) string {
	return strings.ToValidUTF8(clip(s, 200), "")
}
