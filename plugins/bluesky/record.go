package bluesky

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/osier-passport/osier/plugins/sdk"
)

const collection = "app.bsky.feed.post"

// facet makes a part of a text a link. Its ends are counted in bytes of UTF-8
// (app.bsky.richtext.facet).
type facet struct {
	Index struct {
		Start int `json:"byteStart"`
		End   int `json:"byteEnd"`
	} `json:"index"`
	Features []map[string]string `json:"features"`
}

var address = regexp.MustCompile(`https?://\S+`)

// facets finds the addresses of a text. The item's own is taken whole; of others a
// closing mark is not part.
func facets(text, own string) []facet {
	var all []facet
	for _, at := range address.FindAllStringIndex(text, -1) {
		link := text[at[0]:at[1]]
		if link != own {
			link = strings.TrimRight(link, ".,;:!?)]}»”’\"'")
		}
		f := facet{Features: []map[string]string{{"$type": "app.bsky.richtext.facet#link", "uri": link}}}
		f.Index.Start, f.Index.End = at[0], at[0]+len(link)
		all = append(all, f)
	}
	return all
}

// The moments that record keys are made of: years that are over.
var (
	firstMoment = time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	lastMoment  = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

const sortable = "234567abcdefghijklmnopqrstuvwxyz"

// recordKey makes the key of a record (TID, AT Protocol) out of the idempotency key:
// a second try has the same, so that what is there already can be told.
func recordKey(key string) string {
	hash := sha256.Sum256([]byte("osier " + key))
	span := uint64(lastMoment.Sub(firstMoment).Microseconds()) //nolint:gosec // G115: positive
	micros := uint64(firstMoment.UnixMicro()) + binary.BigEndian.Uint64(hash[:8])%span
	n := micros<<10 | uint64(binary.BigEndian.Uint16(hash[8:10])&1023)
	var text [13]byte
	for i := len(text) - 1; i >= 0; i-- {
		text[i] = sortable[n&31]
		n >>= 5
	}
	return string(text[:])
}

// with opens the repo, then posts.
func with(open opener, do func(context.Context, repo, *sdk.Call, sdk.Item) (sdk.Posted, error)) func(context.Context, *sdk.Call, sdk.Item) (sdk.Posted, error) {
	return func(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
		r, err := open(ctx, c)
		if err != nil {
			return sdk.Posted{}, err
		}
		return do(ctx, r, c, i)
	}
}

// post uploads the card's picture and creates the record: the card is made by who
// posts, no crawler fetches one.
func post(ctx context.Context, r repo, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
	external := map[string]any{"uri": i.URL, "title": i.Title, "description": i.Description}
	if len(i.ImagePNG) > 0 {
		var up struct{ Blob json.RawMessage }
		if err := r.http.Bytes(ctx, "POST", r.xrpc("com.atproto.repo.uploadBlob"), "image/png", i.ImagePNG, &up); err != nil {
			return sdk.Posted{}, sdk.NotPosted(err)
		}
		external["thumb"] = up.Blob
	}
	record := map[string]any{
		"$type": collection, "text": i.Posting, "createdAt": time.Now().UTC().Format(time.RFC3339), "facets": facets(i.Posting, i.URL),
		"embed": map[string]any{"$type": "app.bsky.embed.external", "external": external},
	}
	if i.Lang != "" {
		record["langs"] = []string{i.Lang}
	}
	in := map[string]any{"repo": r.did, "collection": collection, "rkey": recordKey(c.Key), "record": record}
	var out struct{ URI string }
	err := r.http.JSON(ctx, "POST", r.xrpc("com.atproto.repo.createRecord"), in, &out)
	if sdk.CodeOf(err) == sdk.Rejected && strings.Contains(strings.ToLower(err.Error()), "exist") {
		if there, lookErr := look(ctx, r, c, i); lookErr == nil {
			return there, nil // an earlier try's
		}
	}
	return posted(out.URI, r.did), err
}

func posted(uri, did string) sdk.Posted {
	return sdk.Posted{RemoteID: uri, URL: "https://bsky.app/profile/" + did + "/post/" + uri[strings.LastIndexByte(uri, '/')+1:]}
}

// lookWith opens the repo, then looks whether the record is there.
func lookWith(open opener) func(context.Context, *sdk.Call, sdk.Item, string) (sdk.Posted, error) {
	return func(ctx context.Context, c *sdk.Call, i sdk.Item, _ string) (sdk.Posted, error) {
		return with(open, look)(ctx, c, i)
	}
}

func look(ctx context.Context, r repo, c *sdk.Call, _ sdk.Item) (sdk.Posted, error) {
	var out struct{ URI string }
	q := url.Values{"repo": {r.did}, "collection": {collection}, "rkey": {recordKey(c.Key)}}
	err := r.http.JSON(ctx, "GET", r.xrpc("com.atproto.repo.getRecord")+"?"+q.Encode(), nil, &out)
	switch f, ok := err.(sdk.Failure); { //nolint:errorlint // the client's own
	case err == nil:
		return posted(out.URI, r.did), nil
	case ok && (f.Status == http.StatusBadRequest || f.Status == http.StatusNotFound): // RecordNotFound
		return sdk.Posted{}, sdk.Failure{Code: sdk.Retry, Key: "not-there"}
	case ok && f.Code == sdk.Reauth:
		return sdk.Posted{}, err
	}
	return sdk.Posted{}, sdk.Failure{Code: sdk.Uncertain, Key: "cannot-look"}
}

// retractWith opens the repo, then deletes the record, which is no error when it is
// gone (com.atproto.repo.deleteRecord).
func retractWith(open opener) func(context.Context, *sdk.Call, sdk.Posted) error {
	return func(ctx context.Context, c *sdk.Call, p sdk.Posted) error {
		r, err := open(ctx, c)
		if err != nil {
			return err
		}
		in := map[string]string{"repo": r.did, "collection": collection, "rkey": p.RemoteID[strings.LastIndexByte(p.RemoteID, '/')+1:]}
		return sdk.Gone(r.http.JSON(ctx, "POST", r.xrpc("com.atproto.repo.deleteRecord"), in, nil))
	}
}
