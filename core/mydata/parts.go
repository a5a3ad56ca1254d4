package mydata

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/secret"
)

// partSize is how many bytes a piece has at least; one more file is at most
// blob.MaxBytes more.
const partSize = 1 << 20

func partAAD(task, number int64) []byte { return fmt.Appendf(nil, "mydata/%d/%d", task, number) }

// seal makes the stored form of a piece.
func sealPart(keys *secret.Keys, task int64, p part, plain []byte, entries []packedEntry) (part, error) {
	list, err := json.Marshal(entries)
	if err != nil {
		return p, fmt.Errorf("write the directory of a piece: %w", err)
	}
	p.size = int64(len(plain))
	p.data, p.entries = keys.Seal(plain, partAAD(task, p.number)), keys.Seal(list, partAAD(task, -1-p.number))
	return p, nil
}

func openEntries(keys *secret.Keys, task int64, p part) ([]packedEntry, error) {
	plain, err := keys.Open(p.entries, partAAD(task, -1-p.number))
	if err != nil {
		return nil, fmt.Errorf("open the directory of a piece: %w", err)
	}
	var list []packedEntry
	return list, json.Unmarshal(plain, &list)
}

// pieces reads the bytes of a task as one file. It keeps one piece in memory and
// is used by one goroutine.
type pieces struct {
	ctx  context.Context //nolint:containedctx // an io.Reader has no other way to be told
	stop context.CancelFunc
	read func(ctx context.Context, number int64) ([]byte, error)
	list []part
	size int64
	at   int64

	number int64 // of the piece in memory, -1: none
	plain  []byte
}

// streamFor is how long the bytes of a task may be read in one go.
const streamFor = 2 * time.Hour

// open gives the bytes of a task. Reading goes on when ctx has ended, for it
// outlives the request that asks for a file. Close it after use.
func (d *Data) open(ctx context.Context, task int64) (*pieces, error) {
	list, err := listParts(ctx, d.base.Read(), task)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, db.ErrNotFound
	}
	p := &pieces{list: list, number: -1, read: func(ctx context.Context, number int64) ([]byte, error) {
		sealed, err := getPart(ctx, d.base.Read(), task, number)
		if err != nil {
			return nil, err
		}
		return d.keys.Open(sealed, partAAD(task, number))
	}}
	last := list[len(list)-1]
	p.size = last.start + last.size
	p.ctx, p.stop = context.WithTimeout(context.WithoutCancel(ctx), streamFor)
	return p, nil
}

// Read implements io.Reader.
func (p *pieces) Read(b []byte) (int, error) {
	n, err := p.ReadAt(b[:min(len(b), partSize)], p.at)
	p.at += int64(n)
	if n > 0 && errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// ReadAt implements io.ReaderAt.
func (p *pieces) ReadAt(b []byte, at int64) (int, error) {
	done := 0
	for done < len(b) {
		if at < 0 || at >= p.size {
			return done, io.EOF
		}
		i := sort.Search(len(p.list), func(i int) bool { return p.list[i].start+p.list[i].size > at })
		if err := p.load(p.list[i].number); err != nil {
			return done, err
		}
		n := copy(b[done:], p.plain[at-p.list[i].start:])
		done += n
		at += int64(n)
	}
	return done, nil
}

func (p *pieces) load(number int64) error {
	if p.number == number {
		return nil
	}
	plain, err := p.read(p.ctx, number)
	if err != nil {
		return fmt.Errorf("read a piece: %w", err)
	}
	p.number, p.plain = number, plain
	return nil
}

// Close implements io.Closer.
func (p *pieces) Close() error {
	p.stop()
	p.plain = nil
	return nil
}
