package core

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/locate"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

const (
	maxInput    = bake.MaxArchive // bytes that are read of one input
	sniffLength = 4096            // bytes by which a file in a folder is known
	maxPlaces   = 12              // addresses tried for one page
)

// input is something to verify. A walked one was found in a folder: when it is
// no kind of badge file, it is passed over.
type input struct {
	name   string
	walked bool
	err    error
}

// inputs gives what the names of the command line mean: each name itself, and
// for a folder the regular files below it in the order of their names.
func inputs(names []string) iter.Seq[input] {
	return func(yield func(input) bool) {
		for _, name := range names {
			info, err := os.Stat(name)
			if isAddress(name) || name == "-" || err != nil || !info.IsDir() {
				if !yield(input{name: name}) {
					return
				}
			} else if !walk(name, yield) {
				return
			}
		}
	}
}

// walk gives the files of a folder; links are not followed.
func walk(folder string, yield func(input) bool) bool {
	more := true
	_ = filepath.WalkDir(folder, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil: // a folder that cannot be read is an input that cannot be read
			more = yield(input{name: name, err: err})
		case e.Type().IsRegular():
			more = yield(input{name: name, walked: true})
		}
		if !more {
			return filepath.SkipAll
		}
		return nil
	})
	return more
}

func isAddress(name string) bool {
	return strings.HasPrefix(name, "https://") || strings.HasPrefix(name, "http://")
}

// isNoBadgeFile tells a file of another kind from a badge file without a badge.
func isNoBadgeFile(err error) bool {
	e, ok := errors.AsType[*bake.Error](err)
	return ok && (e.Reason == "not-a-badge-file" || e.Reason == "empty-file")
}

// read gives the badges of an input.
func (i input) read(ctx context.Context, in io.Reader, f verify.Fetcher) ([]bake.Found, error) {
	switch {
	case i.err != nil:
		return nil, &openbadge.Error{Reason: "not-readable", Detail: i.err.Error()}
	case i.name == "-":
		data, err := io.ReadAll(io.LimitReader(in, maxInput+1))
		if err != nil {
			return nil, &openbadge.Error{Reason: "not-readable", Detail: err.Error()}
		}
		return bake.ExtractAll(data)
	case isAddress(i.name):
		return readAddress(ctx, i.name, f)
	}
	data, err := readFile(i.name, i.walked)
	if err != nil {
		return nil, err
	}
	return bake.ExtractAll(data)
}

// readFile reads a file. Of a walked one only the beginning is read when that is
// enough to know that it is no badge file.
func readFile(name string, walked bool) (data []byte, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, &openbadge.Error{Reason: "not-readable", Detail: err.Error()}
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if walked {
		head := make([]byte, sniffLength)
		n, err := io.ReadFull(file, head)
		if data = head[:n]; err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, &openbadge.Error{Reason: "not-readable", Detail: err.Error()}
		}
		if !bake.Recognises(data) {
			return nil, &bake.Error{Reason: "not-a-badge-file"}
		}
	}
	rest, err := io.ReadAll(io.LimitReader(file, int64(maxInput+1-len(data))))
	if err != nil {
		return nil, &openbadge.Error{Reason: "not-readable", Detail: err.Error()}
	}
	return append(data, rest...), nil
}

// readAddress gets a badge from its address, or from the address of a page about
// it: by what is known of its platform, and by what the page itself links to.
func readAddress(ctx context.Context, address string, f verify.Fetcher) ([]bake.Found, error) {
	page, err := get(ctx, address, f)
	places, inline := locate.InPage(page.FinalURL, page.Body)
	if err == nil && len(places) == 0 {
		if list, err := bake.ExtractAll(page.Body); err == nil {
			return list, nil
		}
	}
	places = append(locate.Candidates(address), places...)
	for n := 0; n < len(places) && n < maxPlaces && ctx.Err() == nil; n++ {
		other, err := get(ctx, places[n], f)
		if err != nil {
			continue
		}
		further, _ := locate.InPage(other.FinalURL, other.Body)
		if list, err := bake.ExtractAll(other.Body); err == nil && len(further) == 0 {
			return list, nil
		}
		for _, p := range further {
			if !slices.Contains(places, p) {
				places = append(places, p)
			}
		}
	}
	switch {
	case len(inline) > 0:
		return bake.ExtractAll(inline[0])
	case err != nil:
		return nil, err
	}
	return bake.ExtractAll(page.Body)
}

// get fetches one address. A hosted badge answers its own assertion, whose id
// verify fetches again; one that is gone is verified by its address.
func get(ctx context.Context, address string, f verify.Fetcher) (verify.Document, error) {
	if f == nil {
		return verify.Document{}, &openbadge.Error{Reason: "offline", Detail: address}
	}
	d, err := f.Fetch(ctx, address)
	if err != nil {
		return verify.Document{}, &openbadge.Error{Reason: "unavailable", Detail: address}
	}
	if d.Status >= 400 && d.Status != 410 {
		return verify.Document{}, &openbadge.Error{Reason: "http-status", Detail: fmt.Sprint(d.Status, " ", address)}
	}
	if len(d.Body) == 0 || d.Status == 410 {
		d.Body = []byte(address)
	}
	return d, nil
}
