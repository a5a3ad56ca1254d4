// Package webhook is the share plugin for any receiver of JSON: it posts what is
// shared to an address that the person saved, signed when they saved a secret.
// docs/webhook.md is its contract with receivers.
//
// It owns no table and no event; plugins and the host start it.
package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/plugins/sdk"
)

var (
	//go:embed plugin.yaml
	manifest []byte
	//go:embed icon.svg
	icon []byte
)

// SignatureHeader carries "t=SECONDS,v1=HEX": the HMAC-SHA256 (RFC 2104) of the
// seconds, a full stop and the body, keyed with the secret.
const SignatureHeader = "X-Osier-Signature"

// Plugin makes the plugin.
func Plugin() sdk.Plugin {
	return sdk.Plugin{Manifest: manifest, Icon: icon, Targets: []sdk.Target{{ID: "post", Post: post, Identify: identify}}}
}

// Message is the body. A field without a value is left out; receivers ignore
// fields that they do not know.
type Message struct {
	Version int    `json:"version"` // 1
	ID      string `json:"id"`      // of the share; also the Idempotency-Key
	Text    string `json:"text"`    // the words and the address
	Lang    string `json:"lang,omitempty"`
	Item    Item   `json:"item"`
}

// Item is what is shared.
type Item struct {
	Type        sdk.ItemType `json:"type"` // badge, page or profile
	URL         string       `json:"url"`
	Title       string       `json:"title"`
	Description string       `json:"description,omitempty"`
	Lang        string       `json:"lang,omitempty"`
	Image       string       `json:"image,omitempty"`
	Issuer      string       `json:"issuer,omitempty"`
	IssuerURL   string       `json:"issuer_url,omitempty"`
	Earner      string       `json:"earner,omitempty"`
	Issued      *time.Time   `json:"issued,omitempty"` // RFC 3339
	Expires     *time.Time   `json:"expires,omitempty"`
	Tags        []string     `json:"tags,omitempty"`
}

func post(ctx context.Context, c *sdk.Call, i sdk.Item) (sdk.Posted, error) {
	body, err := json.Marshal(message(c, i))
	if err != nil {
		return sdk.Posted{}, err
	}
	c.HTTP.Header.Set("Idempotency-Key", c.Key)
	if secret := c.Grant.Fields["secret"]; secret != "" {
		c.HTTP.Header.Set(SignatureHeader, Sign(secret, time.Now(), body))
	}
	var answer sdk.Answer
	err = c.HTTP.Bytes(ctx, http.MethodPost, c.Grant.Fields["url"], "application/json", body, &answer)
	if err != nil {
		return sdk.Posted{}, refused(err)
	}
	return posted(c, answer), nil
}

func message(c *sdk.Call, i sdk.Item) Message {
	return Message{Version: 1, ID: c.Key, Text: i.Posting, Lang: c.Lang, Item: Item{
		Type: i.Type, URL: i.URL, Title: i.Title, Description: i.Description, Lang: i.Lang, Image: i.ImageURL,
		Issuer: i.IssuerName, IssuerURL: i.IssuerURL, Earner: i.EarnerName,
		Issued: moment(i.Issued), Expires: moment(i.Expires), Tags: i.Tags,
	}}
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Sign gives the value of SignatureHeader for a body sent at a time.
func Sign(secret string, at time.Time, body []byte) string {
	seconds := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(seconds + "."))
	mac.Write(body)
	return "t=" + seconds + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// posted takes id and address from an answer that has them; a receiver may answer
// anything.
func posted(c *sdk.Call, a sdk.Answer) sdk.Posted {
	var said struct {
		ID  json.RawMessage `json:"id"`
		URL string          `json:"url"`
	}
	p := sdk.Posted{RemoteID: c.Key}
	if json.Unmarshal(a.Body, &said) != nil {
		return p
	}
	if id := strings.Trim(string(said.ID), `"`); id != "" && id != "null" && len(id) <= 500 {
		p.RemoteID = id
	}
	if u, err := url.Parse(said.URL); err == nil && u.Scheme == "https" && len(said.URL) <= 2000 {
		p.URL = said.URL
	}
	return p
}

// refused: 410 is how a receiver unsubscribes.
func refused(err error) error {
	var f sdk.Failure
	if !errors.As(err, &f) {
		return err
	}
	switch f.Status {
	case http.StatusGone:
		f.Code, f.Key = sdk.Disconnect, "gone"
	case http.StatusNotFound:
		f.Key = "missing"
	}
	return f
}

// identify names a connection by its host; nothing is sent to find out.
func identify(_ context.Context, c *sdk.Call) (sdk.Account, error) {
	u, err := url.Parse(c.Grant.Fields["url"])
	if err != nil || u.Host == "" {
		return sdk.Account{}, sdk.Failure{Code: sdk.Rejected, Key: "missing"}
	}
	sum := sha256.Sum256([]byte(u.String()))
	return sdk.Account{ID: hex.EncodeToString(sum[:16]), Name: u.Host}, nil
}
