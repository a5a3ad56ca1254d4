package mydata

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// manifest describes an export. The format is documented in docs/export.md.
type manifest struct {
	Format  string    `json:"format"`
	Version int       `json:"version"`
	Made    time.Time `json:"made"`
	Site    string    `json:"site"`
	Person  string    `json:"person"`
	Files   int       `json:"files"`
}

const readme = `This archive holds everything that %s keeps about @%s.

*/*.json           what is held, in plain JSON
badges/received/   every badge file, byte for byte as it came in
badges/images/     the art of each badge
SHA256SUMS         checksums: sha256sum -c SHA256SUMS
manifest.json      what made this archive, and when

Badges can be verified without this site: osier verify badges/received/*
`

// Archive writes the export of a person as a ZIP to w.
func (d *Data) Archive(ctx context.Context, w io.Writer, person int64, handle, site string) error {
	z := zip.NewWriter(w)
	a := archive{zip: z, at: d.base.Now()}
	for _, o := range d.owners {
		if err := o.Export(ctx, person, a.put); err != nil {
			return fmt.Errorf("export %s: %w", o.OwnerName(), err)
		}
	}
	m, err := json.MarshalIndent(manifest{"osier-export", 1, a.at, site, handle, a.count}, "", "  ")
	if err != nil {
		return err
	}
	if err := a.put("manifest.json", append(m, '\n')); err != nil {
		return err
	}
	if err := a.put("README.txt", fmt.Appendf(nil, readme, site, handle)); err != nil {
		return err
	}
	if err := a.put("SHA256SUMS", []byte(a.sums.String())); err != nil {
		return err
	}
	return z.Close()
}

type archive struct {
	zip   *zip.Writer
	at    time.Time
	sums  strings.Builder
	count int
}

func (a *archive) put(name string, content []byte) error {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.at}
	h.SetMode(0o600)
	f, err := a.zip.CreateHeader(h)
	if err != nil {
		return err
	}
	fmt.Fprintf(&a.sums, "%x  %s\n", sha256.Sum256(content), name)
	a.count++
	_, err = f.Write(content)
	return err
}
