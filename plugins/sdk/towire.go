package sdk

import (
	"time"

	"github.com/osier-passport/osier/plugins/sdk/wire"
)

var (
	kindsOnWire = map[Kind]wire.Kind{
		KindLink: wire.Kind_KIND_LINK, KindAccount: wire.Kind_KIND_ACCOUNT, KindDirect: wire.Kind_KIND_DIRECT,
	}
	itemTypesOnWire = map[ItemType]wire.ItemType{
		ItemBadge:   wire.ItemType_ITEM_TYPE_BADGE,
		ItemPage:    wire.ItemType_ITEM_TYPE_PAGE,
		ItemProfile: wire.ItemType_ITEM_TYPE_PROFILE,
	}
	purposesOnWire = map[Purpose]wire.Purpose{
		PurposePost:    wire.Purpose_PURPOSE_POST,
		PurposeSend:    wire.Purpose_PURPOSE_SEND,
		PurposeProfile: wire.Purpose_PURPOSE_PROFILE,
	}
	fieldTypesOnWire = map[FieldType]wire.Field_Type{
		FieldText: wire.Field_TYPE_TEXT, FieldSecret: wire.Field_TYPE_SECRET, FieldURL: wire.Field_TYPE_URL,
		FieldEmail: wire.Field_TYPE_EMAIL, FieldNumber: wire.Field_TYPE_NUMBER, FieldChoice: wire.Field_TYPE_CHOICE,
		FieldSwitch: wire.Field_TYPE_SWITCH, FieldLongText: wire.Field_TYPE_LONG_TEXT,
	}
	clientAuthOnWire = map[string]wire.OAuth_ClientAuth{
		AuthPost: wire.OAuth_CLIENT_AUTH_POST, AuthBasic: wire.OAuth_CLIENT_AUTH_BASIC, AuthNone: wire.OAuth_CLIENT_AUTH_NONE,
	}
	countsOnWire = map[Count]wire.Limits_Count{
		CountRune: wire.Limits_COUNT_RUNE, CountUTF16: wire.Limits_COUNT_UTF16, CountGrapheme: wire.Limits_COUNT_GRAPHEME,
		CountXWeighted: wire.Limits_COUNT_X_WEIGHTED, CountURL23: wire.Limits_COUNT_URL23,
	}
)

func toWire(d Descriptor) *wire.Descriptor {
	w := &wire.Descriptor{
		Id: d.ID, Version: d.Version, ApiMinor: wire.Minor, Hosts: d.Hosts, I18N: map[string]*wire.Strings{},
		Settings: fieldsToWire(d.Settings), Egress: d.Egress,
	}
	addTexts(w.I18N, "name", d.Name)
	for lang, texts := range d.Texts {
		for key, text := range texts {
			addTexts(w.I18N, key, map[string]string{lang: text})
		}
	}
	for _, t := range d.Targets {
		addTexts(w.I18N, t.ID, t.Labels)
		w.Targets = append(w.Targets, targetToWire(t))
	}
	return w
}

func targetToWire(t TargetInfo) *wire.Target {
	w := &wire.Target{
		Id: t.ID, Kind: kindsOnWire[t.Kind], Items: itemsToWire(t.Items), IconSvg: []byte(t.Icon),
		NeedsInstance: t.NeedsInstance, Off: t.Off, Service: t.Service, Purpose: purposesOnWire[t.Purpose],
	}
	if t.Kind == KindLink {
		return w
	}
	w.Oauth, w.Connect, w.Options = oauthToWire(t.OAuth), fieldsToWire(t.Connect), fieldsToWire(t.Options)
	w.Limits = &wire.Limits{
		MaxChars: number(t.Limits.MaxChars), Count: countsOnWire[t.Limits.Count], MaxImageBytes: number(t.Limits.imageBytes()),
		PerPersonDay: number(t.Limits.PerPersonDay), CostCents: number(t.Limits.CostCents), Currency: t.Limits.Currency,
	}
	w.CanRetract, w.CanResume, w.ByMail = t.Retract, t.Resume, t.ByMail
	w.IdempotentSeconds = number(int(t.Idempotent / time.Second))
	return w
}

func fieldsToWire(fields []Field) []*wire.Field {
	var all []*wire.Field
	for _, f := range fields {
		all = append(all, &wire.Field{
			Key: f.Key, Type: fieldTypesOnWire[f.Type], Required: f.Required, Fallback: f.Fallback, Max: number(f.Max), Choices: f.Choices,
		})
	}
	return all
}

func oauthToWire(o *OAuth) *wire.OAuth {
	if o == nil {
		return nil
	}
	return &wire.OAuth{
		AuthorizeUrl: o.AuthorizeURL, TokenUrl: o.TokenURL, RevokeUrl: o.RevokeURL, Scopes: o.Scopes,
		ClientAuth: clientAuthOnWire[o.ClientAuth], ParUrl: o.PARURL, Dpop: o.DPoP,
		ClientMetadata: o.ClientMetadata, Provision: o.Provision,
	}
}

func addTexts(i18n map[string]*wire.Strings, key string, texts map[string]string) {
	for lang, text := range texts {
		if i18n[lang] == nil {
			i18n[lang] = &wire.Strings{Text: map[string]string{}}
		}
		i18n[lang].Text[key] = text
	}
}

func itemsToWire(items []ItemType) []wire.ItemType {
	all := make([]wire.ItemType, 0, len(items))
	for _, i := range items {
		all = append(all, itemTypesOnWire[i])
	}
	return all
}

// number keeps n to what a message holds.
func number(n int) uint32 { return uint32(min(max(n, 0), 1<<31-1)) }
