package host

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// Bounds of what a plugin may answer.
const (
	maxAddress   = 8000 // bytes
	maxVersion   = 64   // characters
	maxDetail    = 300  // characters
	maxLanguages = 64
)

// checkAddress holds an answered address against the hosts that the plugin
// declared, and the instance where the target has one. It must be written in ASCII, as addresses are (RFC 3986 §2).
func checkAddress(raw string, hosts []string) error {
	if raw == "" || len(raw) > maxAddress {
		return fmt.Errorf("an address of %d bytes, 1 to %d are taken", len(raw), maxAddress)
	}
	if strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) {
		return errors.New("an address with characters that need encoding")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return errors.New("an address that cannot be read")
	}
	switch {
	case u.Scheme == "mailto" && u.Host == "":
		return nil
	case u.Scheme != "https":
		return fmt.Errorf("an address of scheme %q, https or mailto are taken", u.Scheme)
	case u.User != nil || u.Opaque != "" || u.Port() != "":
		return errors.New("an address with a user, a port or without a host")
	case !slices.Contains(hosts, strings.ToLower(u.Host)):
		return fmt.Errorf("an address on %q, which is not among its hosts", u.Host)
	}
	return nil
}

// checkHosts holds the hosts of a plugin.yaml against the rules of a descriptor. A
// plugin without links has none; whether one needs them is seen when it describes itself.
func checkHosts(hosts []string) error {
	d := sdk.Descriptor{
		ID: "x", Version: "0", Name: map[string]string{"en": "x"}, Hosts: hosts,
		Targets: []sdk.TargetInfo{{ID: "x", Kind: sdk.KindLink, NeedsInstance: true, Purpose: sdk.PurposePost, Labels: map[string]string{"en": "x"}}},
	}
	return d.Check()
}

// descriptorFrom reads what a plugin says of itself. What this host does not
// know (a kind, an item type) is left out, texts are made plain and cut; what
// cannot be mended is an error.
func descriptorFrom(w *wire.Descriptor, src source) (sdk.Descriptor, error) {
	if src.unnamed {
		src.id = sdk.Clip(sdk.Plain(w.GetId()), maxVersion, nil)
	}
	if w.GetId() != src.id {
		return sdk.Descriptor{}, fmt.Errorf("it calls itself %q, its file is %q", sdk.Clip(sdk.Plain(w.GetId()), maxVersion, nil), src.id)
	}
	if n := len(w.GetTargets()); n > sdk.MaxTargets {
		return sdk.Descriptor{}, fmt.Errorf("%d targets, at most %d", n, sdk.MaxTargets)
	}
	if n := len(w.GetI18N()); n > maxLanguages {
		return sdk.Descriptor{}, fmt.Errorf("%d languages, at most %d", n, maxLanguages)
	}
	d := sdk.Descriptor{
		ID: src.id, Version: plainVersion(w.GetVersion()),
		Name: texts(w, "name", src.id), Hosts: w.GetHosts(),
	}
	d.Settings, d.Egress, d.Texts = fieldsFrom(w.GetSettings()), w.GetEgress(), textsFrom(w)
	if src.hosts != nil {
		d.Hosts = src.hosts
	}
	for _, t := range w.GetTargets() {
		if info, ok := targetFrom(w, t); ok {
			d.Targets = append(d.Targets, info)
		}
	}
	return d, d.Check()
}

// plainVersion keeps what a version may hold, "0" when that is nothing.
func plainVersion(text string) string {
	text = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, text)
	return cmp.Or(text[:min(len(text), maxVersion)], "0")
}

func targetFrom(w *wire.Descriptor, t *wire.Target) (sdk.TargetInfo, bool) {
	info := sdk.TargetInfo{
		ID: t.GetId(), Kind: sdk.KindLink, Labels: texts(w, t.GetId(), t.GetId()),
		Service: sdk.Clip(sdk.Plain(t.GetService()), sdk.MaxLabel, nil), NeedsInstance: t.GetNeedsInstance(), Off: t.GetOff(),
		Purpose: purposeFrom(t.GetPurpose()),
	}
	for item, on := range itemTypes {
		if slices.Contains(t.GetItems(), on) {
			info.Items = append(info.Items, item)
		}
	}
	slices.Sort(info.Items)
	if len(t.GetIconSvg()) <= sdk.MaxIcon {
		info.Icon = strings.ToValidUTF8(string(t.GetIconSvg()), "")
	}
	return info, complete(&info, t) && len(info.Items) > 0
}

// purposeFrom takes what this host does not know for a post.
func purposeFrom(w wire.Purpose) sdk.Purpose {
	switch w {
	case wire.Purpose_PURPOSE_SEND:
		return sdk.PurposeSend
	case wire.Purpose_PURPOSE_PROFILE:
		return sdk.PurposeProfile
	default:
		return sdk.PurposePost
	}
}

// texts gives one text in all languages, plain and cut, with English always set.
func texts(w *wire.Descriptor, key, fallback string) map[string]string {
	all := map[string]string{}
	for lang, strings := range w.GetI18N() {
		if text := sdk.Clip(sdk.Plain(strings.GetText()[key]), sdk.MaxLabel, nil); text != "" {
			all[lang] = text
		}
	}
	if all["en"] == "" {
		all["en"] = fallback
	}
	return all
}

var itemTypes = map[sdk.ItemType]wire.ItemType{
	sdk.ItemBadge:   wire.ItemType_ITEM_TYPE_BADGE,
	sdk.ItemPage:    wire.ItemType_ITEM_TYPE_PAGE,
	sdk.ItemProfile: wire.ItemType_ITEM_TYPE_PROFILE,
}

// toWire makes the message of a share. Broken UTF-8, which a message cannot
// carry, is dropped.
func toWire(r Request) *wire.ShareRequest {
	i, s := r.Item, text
	item := &wire.Item{
		Type: itemTypes[i.Type], Url: s(i.URL), Title: s(i.Title), Description: s(i.Description), Lang: s(i.Lang),
		ImageUrl: s(i.ImageURL), IssuerName: s(i.IssuerName), IssuerUrl: s(i.IssuerURL),
		CredentialId: s(i.CredentialID), IssuedUnix: seconds(i.Issued), ExpiresUnix: seconds(i.Expires),
		EarnerName: s(i.EarnerName), IssuerIds: map[string]string{}, ImagePng: r.Image, ImageAlt: s(r.ImageAlt),
	}
	for _, tag := range i.Tags {
		item.Tags = append(item.Tags, s(tag))
	}
	for service, number := range i.IssuerIDs {
		item.IssuerIds[s(service)] = s(number)
	}
	return &wire.ShareRequest{
		Target: s(r.Target), Item: item, Text: s(i.Text), Lang: s(i.ViewerLang), Instance: s(i.Instance),
		Options: valid(r.Options), Settings: valid(r.Settings), Grant: grantToWire(r.Grant), IdempotencyKey: r.Key,
	}
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
