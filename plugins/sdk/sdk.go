// Package sdk is all that a share plugin needs: describe the targets, give each
// a function that makes the address, call [Serve] in main.
//
// A share plugin is an executable in the passport's plugins folder. The passport
// starts it when somebody shares, talks to it over a local socket and stops it
// when it is idle. It is stateless: everything it needs comes with the call, and
// it gets neither the passport's environment nor its database, only the public
// facts of the [Item] to share.
//
//	//go:embed plugin.yaml
//	var manifest []byte
//
//	func main() {
//		sdk.Serve(sdk.Plugin{
//			Manifest: manifest,
//			Targets:  []sdk.Target{{ID: "post", URL: post}},
//		})
//	}
//
//	func post(i sdk.Item) (string, error) {
//		return "https://social.example/share?" + url.Values{"url": {i.URL}}.Encode(), nil
//	}
//
// Started by hand the binary prints what it offers as JSON, which is also the
// quickest check of a new plugin. Write logs to standard error with any logger;
// the passport keeps them for its administrator.
//
// The package owns no table and no event, imports nothing of the passport's core
// and is a promise: within version 1 of the contract (plugins/sdk/wire) a plugin
// that builds today keeps working. Callers are plugins; the host uses its types.
package sdk

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Kind says what a target needs.
type Kind string

// The kinds.
const (
	// KindLink is an address: the person is sent there in their own browser. No
	// account, no token.
	KindLink Kind = "link"
	// KindAccount posts for the person in their account at the remote, which they
	// connected by OAuth or by typing what Target.Connect asks for.
	KindAccount Kind = "account"
	// KindDirect sends a message to an address: a webhook, a mail.
	KindDirect Kind = "direct"
)

// Purpose says what sharing to a target is like.
type Purpose string

// The purposes. The page of sharing has a heading for each.
const (
	PurposePost    Purpose = "post"    // for all who follow the person
	PurposeSend    Purpose = "send"    // a message to chosen people
	PurposeProfile Purpose = "profile" // kept on the person's profile
)

// ItemType says what is shared.
type ItemType string

// The things that can be shared.
const (
	ItemBadge   ItemType = "badge"
	ItemPage    ItemType = "page"
	ItemProfile ItemType = "profile"
)

// Plugin is what a binary offers. It may be written down in Go, in an embedded
// plugin.yaml, or in both: what is set in Go wins.
type Plugin struct {
	Manifest []byte            // plugin.yaml, see [ParseManifest]; may be nil
	ID       string            // ^[a-z][a-z0-9-]{0,31}$, also the name of its folder or file
	Version  string            // as its author counts
	Name     map[string]string // by language; English stands in for a missing one
	Hosts    []string          // the only hosts that answered addresses may point to
	Icon     []byte            // SVG of at most 8 kB for the targets that have none
	Targets  []Target

	Settings []Field  // what an administrator sets; comes with each call as Call.Settings
	Egress   []string // the hosts that the plugin itself connects to, beside the person's server
	// Texts by language, then key: "field.KEY", "field.KEY.help", "choice.KEY.VALUE",
	// "scope.NAME", "failure.KEY".
	Texts map[string]map[string]string

	// Check holds an administrator's settings against what the plugin can work with;
	// with test set it also tries them at the remote, with [NewClient]. Types, lengths
	// and what is required the passport has checked before. It may be nil.
	Check func(ctx context.Context, settings map[string]string, test bool) ([]FieldError, error)
}

// Target is one place a thing can be shared to.
type Target struct {
	ID     string            // ^[a-z][a-z0-9-]{0,31}$, unique within the plugin, not "name"
	Kind   Kind              // empty means KindLink
	Items  []ItemType        // what it takes; empty means badges
	Labels map[string]string // the words on the button by language: {"en": "Share as a post"}
	Icon   []byte            // SVG of at most 8 kB; nil means the plugin's

	Purpose       Purpose // empty means PurposePost
	Service       string  // whose target it is, when it is not the plugin's name: "Bluesky"
	NeedsInstance bool    // the person names a server of the service, Item.Instance
	Off           bool    // offered only after an administrator switched it on

	// URL makes the address that shares i: https on one of the plugin's hosts or
	// on the instance, or mailto, of at most 8000 bytes. It must be quick, needs no network and
	// may be called several times at once. An error says in plain words why
	// this item cannot be shared; the person reads it.
	URL func(i Item) (string, error)

	// What follows is for KindAccount and KindDirect. The functions may be called
	// several times at once. They return a Failure as their error, and do not try
	// again by themselves: that is the host's part.

	OAuth      *OAuth        // of KindAccount; nil means Connect
	Connect    []Field       // what the person types to connect
	Options    []Field       // what the person chooses for each share
	Limits     Limits        // of the remote
	Idempotent time.Duration // how long the remote takes the same Call.Key once; 0 means that it does not
	ByMail     bool          // of KindDirect: the host sends Subject and Text as a mail, to the addresses of the option "to"

	// Text makes what is posted, the address included. It must be quick and needs no
	// network. An error that is a FieldError names the option that it is about. Nil
	// means [Text] within Limits.
	Text func(i Item, options map[string]string) (string, error)
	// Subject is that of a mail, for ByMail. Nil means the item's title.
	Subject func(i Item, options map[string]string) string
	// Post carries i there; Item.Posting is the text. Deadline 30 s.
	Post func(ctx context.Context, c *Call, i Item) (Posted, error)
	// Resume asks after a share that is pending. With an empty state it looks whether
	// a share whose answer was lost is there: a Failure with Retry then means that it
	// surely is not. Nil means that nothing can be asked. Deadline 20 s.
	Resume func(ctx context.Context, c *Call, i Item, state string) (Posted, error)
	// Identify tells whose account a new grant is for. KindAccount needs it. Deadline 20 s.
	Identify func(ctx context.Context, c *Call) (Account, error)
	// Retract deletes what was posted. What is not there any more is retracted. Nil
	// means that nothing can be. Deadline 20 s.
	Retract func(ctx context.Context, c *Call, p Posted) error
	// Disconnect has the remote forget the grant. What it forgot before is
	// disconnected. Nil means that there is nothing to tell it. Deadline 20 s.
	Disconnect func(ctx context.Context, c *Call) error
	// Provision registers the passport with one server, for OAuth.Provision. Deadline 20 s.
	Provision func(ctx context.Context, c *Call, r Registration) (OAuthApp, error)
}

// Item is the public thing to share. Texts are plain and may hold anything a
// person can type: encode them.
type Item struct {
	Type         ItemType
	URL          string // its public page, absolute
	Title        string
	Description  string
	Lang         string // language of the content, such as "en"
	ImageURL     string // its drawn preview card, absolute; may be empty
	ImagePNG     []byte // the card itself, for targets with Limits.MaxImageBytes
	ImageAlt     string // what the card shows, in words
	IssuerName   string
	IssuerURL    string
	CredentialID string
	Issued       time.Time // UTC; zero when unknown
	Expires      time.Time // UTC; zero when it does not expire
	Tags         []string
	EarnerName   string            // only when the earner shows it
	IssuerIDs    map[string]string // the issuer's number at a service: {"linkedin": "123"}
	Text         string            // the person's own words; may be empty
	ViewerLang   string            // language of the person who shares
	Instance     string            // host name of the server, for a link that needs one
	Posting      string            // what Target.Text made, for Post and Resume
}

// ErrNoTarget is the error of [Plugin.Address] for a link that p does not have.
var ErrNoTarget = errors.New("no such target")

// Address makes the address of a target for i as the host would get it, before
// the host has checked it: what a plugin's own tests look at. The error is
// [ErrNoTarget], one of plugin.yaml, or the target's own.
func (p Plugin) Address(target string, i Item) (string, error) {
	for _, t := range p.Targets {
		if t.ID == target && t.URL != nil {
			return t.URL(i)
		}
	}
	var m Manifest
	if p.Manifest != nil {
		var err error
		if m, err = ParseManifest(p.Manifest); err != nil {
			return "", err
		}
	}
	for _, t := range m.Targets {
		if t.ID == target && t.URL != "" {
			return t.address(i), nil
		}
	}
	return "", fmt.Errorf("%w %q", ErrNoTarget, target)
}

// Descriptor is what a plugin offers, complete and checked: the plugin's answer
// to the host, and what a binary prints when it is started by hand.
type Descriptor struct {
	ID      string            `json:"id"`
	Version string            `json:"version"`
	Name    map[string]string `json:"name"`
	Hosts   []string          `json:"hosts"`
	Targets []TargetInfo      `json:"targets"`

	Settings []Field  `json:"settings,omitempty"`
	Egress   []string `json:"egress,omitempty"`
	// Texts by language, then key, beside the plugin's name and the targets' labels.
	Texts map[string]map[string]string `json:"texts,omitempty"`
}

// TargetInfo is a [Target] as data.
type TargetInfo struct {
	ID     string            `json:"id"`
	Kind   Kind              `json:"kind"`
	Items  []ItemType        `json:"items"`
	Labels map[string]string `json:"labels"`
	Icon   string            `json:"icon,omitempty"` // SVG as the plugin gave it, not cleaned

	Purpose       Purpose `json:"purpose"`
	Service       string  `json:"service,omitempty"`
	NeedsInstance bool    `json:"needs_instance,omitempty"`
	Off           bool    `json:"off,omitempty"`

	OAuth      *OAuth        `json:"oauth,omitempty"`
	Connect    []Field       `json:"connect,omitempty"`
	Options    []Field       `json:"options,omitempty"`
	Limits     Limits        `json:"limits,omitzero"`
	Retract    bool          `json:"retract,omitempty"`    // Target.Retract is there
	Resume     bool          `json:"resume,omitempty"`     // Target.Resume is there
	Idempotent time.Duration `json:"idempotent,omitempty"` // whole seconds
	ByMail     bool          `json:"by_mail,omitempty"`
}

// ServiceOf gives whose target t is: its own service, else the plugin's name in lang.
func (d Descriptor) ServiceOf(t TargetInfo, lang string) string {
	return first(t.Service, Label(d.Name, lang, d.ID))
}

// Label gives the text for lang out of texts by language, else for its base
// language, else English, else fallback.
func Label(texts map[string]string, lang, fallback string) string {
	for _, l := range []string{lang, base(lang), "en"} {
		if text := texts[l]; text != "" {
			return text
		}
	}
	return fallback
}

func base(lang string) string {
	for i, r := range lang {
		if r == '-' || r == '_' {
			return lang[:i]
		}
	}
	return lang
}
