package badge

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/certificate"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/text"
	"github.com/osier-passport/osier/core/web"
)

// The forms in which badges leave together.
const (
	asReceived     = "received"   // ZIP: the bytes that came in
	asImages       = "images"     // ZIP: PNG, or SVG where the art is one, with the credential inside
	asCredentials  = "credential" // ZIP: JSON or compact JWS
	asAll          = "all"        // ZIP: all of these, each in a folder
	asCertificates = "pdf"        // one PDF, or a ZIP of several
	asResume       = "resume"     // JSON Resume
	asRecord       = "clr"        // CLR 2.0, signed by the site
	asEuropass     = "europass"   // ZIP: certificates, credentials and what to write where
)

const (
	certificatesMost = 300 // of one export: each is drawn
	descriptionDrawn = 800 // characters
	packFor          = 2 * time.Hour
)

// Pack is how chosen badges are packed, in the words of the person's language.
type Pack struct {
	Person int64
	Form   string
	Paper  certificate.Paper
	Lang   string
	Site   string
	Say    func(key string, args ...any) string
	Date   func(time.Time) string
}

// Packed is a download. Who has it closes the reader.
type Packed struct {
	Name, Mime string
	Size       int64 // -1 when it is not known before
	Reader     io.ReadCloser
}

// Pack packs badges of the person's own. A ZIP is written while it is read, one
// badge in memory at a time. It returns a fault Invalid for a form that is none, no
// badge, and too many certificates.
func (s *Badges) Pack(ctx context.Context, p Pack, c Choice) (Packed, error) {
	ids, err := s.Chosen(ctx, p.Person, c)
	if err != nil {
		return Packed{}, err
	}
	w := &packer{Badges: s, Pack: p, names: map[string]int{}}
	if err := mayPack(p.Form, len(ids)); err != nil {
		return Packed{}, err
	}
	switch {
	case p.Form == asResume:
		return w.resume(ctx, ids)
	case p.Form == asCertificates && len(ids) == 1:
		return w.certificate(ctx, ids[0])
	case w.files() == nil:
		return Packed{}, fault.New(fault.Malformed, "web.form")
	}
	r, out := io.Pipe()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), packFor)
	web.Go(s.Log, func() {
		defer cancel()
		defer func() { _ = out.CloseWithError(io.ErrUnexpectedEOF) }() // which counts only when nothing closed it
		_ = out.CloseWithError(w.zip(ctx, out, ids))                   // whoever reads learns that it is not whole
	})
	return Packed{Name: "badges-" + p.Form + ".zip", Mime: "application/zip", Size: -1, Reader: r}, nil
}

// mayPack refuses what is nothing, and too much of what is drawn or signed.
func mayPack(form string, n int) error {
	drawn := form == asCertificates || form == asEuropass || form == asRecord
	switch {
	case n == 0:
		return fault.New(fault.Invalid, "shelf.error.none_chosen").At("/badges/export")
	case drawn && n > certificatesMost:
		return fault.New(fault.Invalid, "shelf.error.certificates").With("n", strconv.Itoa(certificatesMost)).At("/badges/export")
	}
	return nil
}

// packer writes one download.
type packer struct {
	*Badges
	Pack

	names map[string]int // that are taken
}

// packedFile is one file of a badge.
type packedFile struct {
	folder, end string
	data        []byte
}

// files gives what makes the files of a badge, nil for a form that is none.
func (w *packer) files() func(context.Context, Badge) ([]packedFile, error) {
	switch w.Form {
	case asReceived:
		return w.received
	case asImages:
		return w.image
	case asCredentials:
		return w.credential
	case asCertificates:
		return w.drawn
	case asAll:
		return w.everything
	case asEuropass:
		return w.europass
	}
	return nil
}

func (w *packer) zip(ctx context.Context, out io.Writer, ids []string) error {
	z := zip.NewWriter(out)
	var table bytes.Buffer
	rows := csv.NewWriter(&table)
	if err := rows.Write([]string{"file", "name", "issuer", "issued", "expires", "state", "address"}); err != nil {
		return err
	}
	var notes strings.Builder
	for _, id := range ids {
		b, err := w.Mine(ctx, w.Person, id)
		if fault.Is(err, fault.NotFound) || err == nil && !b.isWhole() {
			continue // it was removed meanwhile, or has no credential any more
		}
		if err != nil {
			return err
		}
		name, err := w.add(ctx, z, b)
		if err != nil {
			return fmt.Errorf("pack badge %s: %w", b.PublicID, err)
		}
		if err := rows.Write(w.row(name, b)); err != nil {
			return err
		}
		notes.WriteString(w.note(name, b))
	}
	rows.Flush()
	if err := errors.Join(rows.Error(), w.put(z, "badges.csv", table.Bytes())); err != nil {
		return err
	}
	if w.Form == asEuropass {
		text := w.Say("shelf.europass.steps") + "\n\n" + notes.String()
		if err := w.put(z, "README.txt", []byte(text)); err != nil {
			return err
		}
	}
	return z.Close()
}

// vouchers are the endorsements of a badge, for the forms that hand out credentials.
func (w *packer) vouchers(ctx context.Context, b Badge) ([]packedFile, error) {
	if w.Form != asAll && w.Form != asCredentials && w.Form != asEuropass {
		return nil, nil
	}
	list, err := w.vouchersOf(ctx, b)
	files := make([]packedFile, 0, len(list))
	for i, v := range list {
		files = append(files, packedFile{"endorsements/", "-" + strconv.Itoa(i+1) + ".json", v.Credential})
	}
	return files, err
}

// add writes the files of a badge and gives the name that they share.
func (w *packer) add(ctx context.Context, z *zip.Writer, b Badge) (string, error) {
	name := slug(b.Class.Name)
	if w.names[name]++; w.names[name] > 1 {
		name += "-" + strconv.Itoa(w.names[name])
		w.names[name]++
	}
	files, err := w.files()(ctx, b)
	if err != nil {
		return "", err
	}
	vouchers, err := w.vouchers(ctx, b)
	if err != nil {
		return "", err
	}
	for _, f := range append(files, vouchers...) {
		if err := w.put(z, f.folder+name+f.end, f.data); err != nil {
			return "", err
		}
	}
	return name, nil
}

func (w *packer) put(z *zip.Writer, name string, data []byte) error {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: w.Base.Now()}
	if strings.HasSuffix(name, ".png") || strings.HasSuffix(name, ".pdf") {
		h.Method = zip.Store // which are packed already
	}
	f, err := z.CreateHeader(h)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return err
}

// row is the line of a badge in the table, as a spreadsheet may open it.
func (w *packer) row(file string, b Badge) []string {
	cells := []string{
		file, b.Class.Name, b.Class.Issuer.Name, w.day(b.IssuedAt), w.day(b.ExpiresAt), w.Say("badge.verdict." + string(b.VerdictAt(w.Base.Now())) + ".mark"), w.address(b),
	}
	for i, c := range cells {
		cells[i] = text.Cell(c)
	}
	return cells
}

func (w *packer) day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.DateOnly)
}

// address is where others see the badge, "" where they do not.
func (w *packer) address(b Badge) string {
	switch b.Visibility {
	case Public, Members:
		return w.URL("/b/" + b.PublicID)
	case Link:
		return w.URL(withKey("/b/"+b.PublicID, b.Secret))
	}
	return ""
}

func (w *packer) received(ctx context.Context, b Badge) ([]packedFile, error) {
	data, _, err := w.fileOf(ctx, w.Base.Read(), b)
	return []packedFile{{"", extension(b.Carrier), data}}, err
}

// image gives the art with the credential inside: SVG where the issuer drew one
// (OB3 §5.3).
func (w *packer) image(ctx context.Context, b Badge) ([]packedFile, error) {
	credential, err := getCredential(ctx, w.Base.Read(), b.ID)
	if err != nil {
		return nil, err
	}
	if b.Carrier == string(bake.CarrierSVG) || mayHoldSVG(credential) {
		if data, err := w.bakedSVG(ctx, b, credential); err == nil {
			return []packedFile{{"", ".svg", data}}, nil
		} else if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	data, err := w.bakedPNG(ctx, b)
	return []packedFile{{"", ".png", data}}, err
}

func (w *packer) credential(ctx context.Context, b Badge) ([]packedFile, error) {
	data, err := getCredential(ctx, w.Base.Read(), b.ID)
	return []packedFile{{"", credentialEnd(data), data}}, err
}

func credentialEnd(credential []byte) string {
	if bytes.HasPrefix(bytes.TrimSpace(credential), []byte("{")) {
		return ".json"
	}
	return ".jwt"
}

func (w *packer) drawn(ctx context.Context, b Badge) ([]packedFile, error) {
	data, err := w.draw(ctx, b, true)
	return []packedFile{{"", ".pdf", data}}, err
}

func (w *packer) everything(ctx context.Context, b Badge) ([]packedFile, error) {
	var all []packedFile
	for _, part := range []struct {
		folder string
		make   func(context.Context, Badge) ([]packedFile, error)
	}{{"received/", w.received}, {"images/", w.image}, {"credentials/", w.credential}} {
		files, err := part.make(ctx, b)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			f.folder = part.folder
			all = append(all, f)
		}
	}
	return all, nil
}

func (w *packer) europass(ctx context.Context, b Badge) ([]packedFile, error) {
	pdf, err := w.drawn(ctx, b)
	if err != nil {
		return nil, err
	}
	credential, err := w.credential(ctx, b)
	if err != nil {
		return nil, err
	}
	pdf[0].folder, credential[0].folder = "certificates/", "credentials/"
	return append(pdf, credential...), nil
}

// note says what to write about a badge in which field of Europass.
func (w *packer) note(file string, b Badge) string {
	if w.Form != asEuropass {
		return ""
	}
	var out strings.Builder
	for _, l := range [][2]string{
		{w.Say("shelf.europass.title"), b.Class.Name},
		{w.Say("shelf.europass.organisation"), b.Class.Issuer.Name},
		{w.Say("shelf.europass.date"), w.day(b.IssuedAt)},
		{w.Say("shelf.europass.expiry"), w.day(b.ExpiresAt)},
		{w.Say("shelf.europass.text"), text.Plain(b.Class.Description, 400)},
		{w.Say("shelf.europass.link"), w.address(b)},
		{w.Say("shelf.europass.file"), "certificates/" + file + ".pdf"},
	} {
		if l[1] != "" {
			out.WriteString(l[0] + ": " + l[1] + "\n")
		}
	}
	return out.String() + "\n"
}

func (w *packer) certificate(ctx context.Context, id string) (Packed, error) {
	b, err := w.Mine(ctx, w.Person, id)
	if err == nil {
		err = b.whole()
	}
	if err != nil {
		return Packed{}, err
	}
	data, err := w.draw(ctx, b, true)
	return Packed{Name: slug(b.Class.Name) + ".pdf", Mime: "application/pdf", Size: int64(len(data)), Reader: io.NopCloser(bytes.NewReader(data))}, err
}

// draw draws the certificate of a badge. To others it names the earner only where
// the badge does.
func (w *packer) draw(ctx context.Context, b Badge, own bool) ([]byte, error) {
	credential, err := getCredential(ctx, w.Base.Read(), b.ID)
	if err != nil {
		return nil, err
	}
	art, err := w.pictureOf(ctx, b)
	if err != nil {
		return nil, err
	}
	in := certificate.Input{
		Paper: w.Paper, Lang: w.Lang, Site: w.Site, Name: b.Class.Name, Issuer: b.Class.Issuer.Name, Description: text.Plain(b.Class.Description, descriptionDrawn),
		Attached: w.Say("shelf.certificate.attached", "address", w.URL("/verify")),
		Art:      art, Credential: credential, Filename: slug(b.Class.Name) + credentialEnd(credential), At: w.Base.Now(),
	}
	if b.ShowName || own && !b.Unclaimed {
		in.Intro, in.Earner, in.Earned = w.Say("shelf.certificate.intro"), b.Earner.Name, w.Say("shelf.certificate.earned")
	}
	if left := unprinted(w.Say, in.Site, in.Earner, in.Name, in.Issuer, in.Description); left != "" {
		in.Missing = w.Say("shelf.certificate.missing", "scripts", left)
	}
	if in.URL = w.address(b); in.URL != "" {
		in.VerifyText = w.Say("shelf.certificate.scan")
	}
	in.Facts = w.facts(b)
	return certificate.Write(ctx, in)
}

func (w *packer) facts(b Badge) []certificate.Fact {
	var list []certificate.Fact
	if !b.IssuedAt.IsZero() {
		list = append(list, certificate.Fact{Label: w.Say("badge.show.issued"), Value: w.Date(b.IssuedAt)})
	}
	if !b.ExpiresAt.IsZero() {
		list = append(list, certificate.Fact{Label: w.Say("badge.show.expires"), Value: w.Date(b.ExpiresAt)})
	}
	verdict := w.Say("badge.verdict." + string(b.VerdictAt(w.Base.Now())) + ".mark")
	return append(list, certificate.Fact{Label: w.Say("badge.verdict.checked"), Value: verdict + ", " + w.Date(b.VerifiedAt)})
}

// resumed is a document of JSON Resume 1.0.0 (jsonresume.org/schema), with the
// parts that a passport knows.
type resumed struct {
	Schema       string           `json:"$schema"`
	Basics       resumedBasics    `json:"basics"`
	Certificates []resumedPassage `json:"certificates"`
	Meta         resumedMeta      `json:"meta"`
}

type resumedBasics struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

type resumedPassage struct {
	Name   string `json:"name"`
	Date   string `json:"date,omitempty"` // YYYY-MM-DD
	Issuer string `json:"issuer,omitempty"`
	URL    string `json:"url,omitempty"`
}

type resumedMeta struct {
	Version      string `json:"version"`
	LastModified string `json:"lastModified"` // YYYY-MM-DDThh:mm:ss
}

func (w *packer) resume(ctx context.Context, ids []string) (Packed, error) {
	doc := resumed{
		Schema:       "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json",
		Certificates: []resumedPassage{}, Meta: resumedMeta{"v1.0.0", w.Base.Now().UTC().Format("2006-01-02T15:04:05")},
	}
	for _, id := range ids {
		b, err := w.Mine(ctx, w.Person, id)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return Packed{}, err
		}
		doc.Basics = resumedBasics{Name: b.Earner.Name, URL: w.URL("/@" + b.Earner.Handle)}
		doc.Certificates = append(doc.Certificates, resumedPassage{b.Class.Name, w.day(b.IssuedAt), b.Class.Issuer.Name, w.address(b)})
	}
	data, err := json.MarshalIndent(doc, "", "  ")
	return Packed{Name: "resume.json", Mime: "application/json", Size: int64(len(data)), Reader: io.NopCloser(bytes.NewReader(data))}, err
}
