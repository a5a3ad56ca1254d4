package host

import (
	"slices"
	"strings"
	"time"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// Bounds of what a descriptor may hold beside those of the sdk.
const (
	maxFields   = 20
	maxChoices  = 40
	maxScopes   = 20
	maxHelp     = 300  // characters of a text of a field, scope or failure
	maxTexts    = 300  // texts in one language
	maxValue    = 1000 // characters of a field without an own limit
	maxLongText = 20_000
	maxWindow   = 48 * time.Hour // of an idempotency key
)

// kindsFrom are the kinds that this host knows.
var kindsFrom = map[wire.Kind]sdk.Kind{
	wire.Kind_KIND_LINK: sdk.KindLink, wire.Kind_KIND_ACCOUNT: sdk.KindAccount, wire.Kind_KIND_DIRECT: sdk.KindDirect,
}

var fieldTypes = map[wire.Field_Type]sdk.FieldType{
	wire.Field_TYPE_SECRET: sdk.FieldSecret, wire.Field_TYPE_URL: sdk.FieldURL, wire.Field_TYPE_EMAIL: sdk.FieldEmail,
	wire.Field_TYPE_NUMBER: sdk.FieldNumber, wire.Field_TYPE_CHOICE: sdk.FieldChoice, wire.Field_TYPE_SWITCH: sdk.FieldSwitch,
	wire.Field_TYPE_LONG_TEXT: sdk.FieldLongText,
}

// fieldsFrom leaves out what no form could draw.
func fieldsFrom(list []*wire.Field) []sdk.Field {
	var out []sdk.Field
	for _, w := range list[:min(len(list), maxFields)] {
		f := sdk.Field{
			Key: w.GetKey(), Type: sdk.FieldText, Required: w.GetRequired(), Max: int(w.GetMax()),
			Fallback: plainText(w.GetFallback(), maxValue),
		}
		if t, known := fieldTypes[w.GetType()]; known {
			f.Type = t
		}
		if f.Type != sdk.FieldNumber && (f.Max == 0 || f.Max > maxLongText) {
			f.Max = maxValue
		}
		for _, c := range w.GetChoices()[:min(len(w.GetChoices()), maxChoices)] {
			if c = plainText(c, sdk.MaxLabel); c != "" {
				f.Choices = append(f.Choices, c)
			}
		}
		twice := slices.ContainsFunc(out, func(o sdk.Field) bool { return o.Key == f.Key })
		if fieldKey().MatchString(f.Key) && !twice && (f.Type != sdk.FieldChoice || len(f.Choices) > 0) {
			out = append(out, f)
		}
	}
	return out
}

// textsFrom are the texts of fields, choices, scopes and failures, by language.
func textsFrom(w *wire.Descriptor) map[string]map[string]string {
	all := map[string]map[string]string{}
	for lang, list := range w.GetI18N() {
		texts := map[string]string{}
		for key, value := range list.GetText() {
			if len(texts) < maxTexts && strings.Contains(key, ".") && len(key) <= 200 {
				texts[key] = plainText(value, maxHelp)
			}
		}
		if len(texts) > 0 {
			all[lang] = texts
		}
	}
	return all
}

// oauthFrom is nil for a target without OAuth. A target whose addresses are not
// https has none that could be used, and fails where it is asked for.
func oauthFrom(w *wire.OAuth) (*sdk.OAuth, bool) {
	if w == nil {
		return nil, true
	}
	o := &sdk.OAuth{
		AuthorizeURL: w.GetAuthorizeUrl(), TokenURL: w.GetTokenUrl(), RevokeURL: w.GetRevokeUrl(), PARURL: w.GetParUrl(),
		DPoP: w.GetDpop(), ClientMetadata: w.GetClientMetadata(), Provision: w.GetProvision(), ClientAuth: "post",
	}
	switch w.GetClientAuth() {
	case wire.OAuth_CLIENT_AUTH_BASIC:
		o.ClientAuth = "basic"
	case wire.OAuth_CLIENT_AUTH_NONE:
		o.ClientAuth = "none"
	default:
	}
	for _, scope := range w.GetScopes()[:min(len(w.GetScopes()), maxScopes)] {
		if scope != "" && !strings.ContainsFunc(scope, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) {
			o.Scopes = append(o.Scopes, scope) // RFC 6749 §3.3
		}
	}
	for _, address := range []string{o.AuthorizeURL, o.TokenURL, o.RevokeURL, o.PARURL} {
		if address != "" && !endpoint(address) {
			return nil, false
		}
	}
	return o, true
}

// endpoint tells whether an address, {instance} in it filled in, is https.
func endpoint(address string) bool {
	return webAddress(strings.ReplaceAll(address, "{instance}", "instance.example")) != ""
}

// counts are the ways to count that this host knows.
var counts = map[wire.Limits_Count]sdk.Count{
	wire.Limits_COUNT_RUNE: "rune", wire.Limits_COUNT_UTF16: "utf16", wire.Limits_COUNT_GRAPHEME: "grapheme",
	wire.Limits_COUNT_X_WEIGHTED: "x-weighted", wire.Limits_COUNT_URL23: "url23",
}

func limitsFrom(w *wire.Limits) sdk.Limits {
	l := sdk.Limits{
		MaxChars: int(w.GetMaxChars()), Count: "rune", MaxImageBytes: int(w.GetMaxImageBytes()), PerPersonDay: int(w.GetPerPersonDay()),
		CostCents: int(min(w.GetCostCents(), 1_000_000)), Currency: currency(w.GetCurrency()),
	}
	if c, known := counts[w.GetCount()]; known {
		l.Count = c
	}
	return l
}

// currency is a code of ISO 4217, else nothing.
func currency(code string) string {
	if len(code) != 3 || strings.ContainsFunc(code, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		return ""
	}
	return code
}

// complete reads what minor 2 of the contract added to a target. It answers false
// for one that this host cannot offer.
func complete(info *sdk.TargetInfo, t *wire.Target) bool {
	kind, known := kindsFrom[t.GetKind()]
	if !known {
		return false
	}
	info.Kind = kind
	if kind == sdk.KindLink {
		return true
	}
	var ok bool
	if info.OAuth, ok = oauthFrom(t.GetOauth()); !ok || kind == sdk.KindDirect && info.OAuth != nil {
		return false
	}
	info.Connect, info.Options = fieldsFrom(t.GetConnect()), fieldsFrom(t.GetOptions())
	info.Limits = limitsFrom(t.GetLimits())
	info.Retract, info.Resume, info.ByMail = t.GetCanRetract(), t.GetCanResume(), t.GetByMail() && kind == sdk.KindDirect
	info.Idempotent = min(time.Duration(t.GetIdempotentSeconds())*time.Second, maxWindow)
	return kind != sdk.KindAccount || info.OAuth != nil || len(info.Connect) > 0
}
