package sdk

import (
	"time"

	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// FromWire gives a descriptor as it came, not checked: what this version does not
// know is empty.
func FromWire(w *wire.Descriptor) Descriptor {
	d := Descriptor{
		ID: w.GetId(), Version: w.GetVersion(), Name: textsOf(w, "name"), Hosts: w.GetHosts(),
		Settings: fieldsFromWire(w.GetSettings()), Egress: w.GetEgress(),
	}
	labels := map[string]bool{"name": true}
	for _, t := range w.GetTargets() {
		labels[t.GetId()] = true
		d.Targets = append(d.Targets, targetFromWire(t, textsOf(w, t.GetId())))
	}
	d.Texts = textsWithout(w, labels)
	return d
}

// textsOf gives one text in all languages.
func textsOf(w *wire.Descriptor, key string) map[string]string {
	all := map[string]string{}
	for lang, s := range w.GetI18N() {
		if text, ok := s.GetText()[key]; ok {
			all[lang] = text
		}
	}
	return all
}

// textsWithout gives all texts but those with the given keys; nil when none are left.
func textsWithout(w *wire.Descriptor, keys map[string]bool) map[string]map[string]string {
	var all map[string]map[string]string
	for lang, s := range w.GetI18N() {
		for key, text := range s.GetText() {
			if keys[key] {
				continue
			}
			if all == nil {
				all = map[string]map[string]string{}
			}
			if all[lang] == nil {
				all[lang] = map[string]string{}
			}
			all[lang][key] = text
		}
	}
	return all
}

func targetFromWire(t *wire.Target, labels map[string]string) TargetInfo {
	info := TargetInfo{
		ID: t.GetId(), Kind: known(kindsOnWire, t.GetKind(), ""), Labels: labels, Icon: string(t.GetIconSvg()), Service: t.GetService(),
		NeedsInstance: t.GetNeedsInstance(), Off: t.GetOff(), Purpose: known(purposesOnWire, t.GetPurpose(), PurposePost),
		OAuth: oauthFromWire(t.GetOauth()), Connect: fieldsFromWire(t.GetConnect()), Options: fieldsFromWire(t.GetOptions()),
		Retract: t.GetCanRetract(), Resume: t.GetCanResume(), ByMail: t.GetByMail(),
		Idempotent: time.Duration(t.GetIdempotentSeconds()) * time.Second,
	}
	if info.Kind != KindLink {
		info.Limits = limitsFromWire(t.GetLimits())
	}
	for _, on := range t.GetItems() {
		info.Items = append(info.Items, itemType(on))
	}
	return info
}

func fieldsFromWire(fields []*wire.Field) []Field {
	var all []Field
	for _, f := range fields {
		all = append(all, Field{
			Key: f.GetKey(), Type: known(fieldTypesOnWire, f.GetType(), FieldText), Required: f.GetRequired(),
			Fallback: f.GetFallback(), Max: int(f.GetMax()), Choices: f.GetChoices(),
		})
	}
	return all
}

func oauthFromWire(o *wire.OAuth) *OAuth {
	if o == nil {
		return nil
	}
	return &OAuth{
		AuthorizeURL: o.GetAuthorizeUrl(), TokenURL: o.GetTokenUrl(), RevokeURL: o.GetRevokeUrl(), Scopes: o.GetScopes(),
		ClientAuth: known(clientAuthOnWire, o.GetClientAuth(), AuthPost), PARURL: o.GetParUrl(), DPoP: o.GetDpop(),
		ClientMetadata: o.GetClientMetadata(), Provision: o.GetProvision(),
	}
}

func limitsFromWire(l *wire.Limits) Limits {
	return Limits{
		MaxChars: int(l.GetMaxChars()), Count: known(countsOnWire, l.GetCount(), CountRune), MaxImageBytes: int(l.GetMaxImageBytes()),
		PerPersonDay: int(l.GetPerPersonDay()), CostCents: int(l.GetCostCents()), Currency: l.GetCurrency(),
	}
}

func itemType(w wire.ItemType) ItemType { return known(itemTypesOnWire, w, "") }

// known gives the name of a number on the wire, else fallback.
func known[T, W comparable](onWire map[T]W, w W, fallback T) T {
	for t, on := range onWire {
		if on == w {
			return t
		}
	}
	return fallback
}
