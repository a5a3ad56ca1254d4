package host

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// postedFrom reads the answer to a share.
func postedFrom(id string, w *wire.ShareResponse) (Posted, error) {
	switch r := w.GetResult().(type) {
	case *wire.ShareResponse_Posted:
		return Posted{RemoteID: remoteID(r.Posted.GetRemoteId()), URL: webAddress(r.Posted.GetUrl())}, nil
	case *wire.ShareResponse_Pending:
		return pendingFrom(id, r.Pending)
	case *wire.ShareResponse_Failure:
		return Posted{}, failureFrom(r.Failure)
	default:
		return Posted{}, &Failure{Code: Uncertain, Cause: badAnswer(id, errors.New("neither posted nor failed"))}
	}
}

func pendingFrom(id string, w *wire.Pending) (Posted, error) {
	state := w.GetState()
	if len(state) > maxState {
		return Posted{}, &Failure{Code: Uncertain, Cause: badAnswer(id, errors.New("a state that is too long"))}
	}
	return Posted{Pending: &Pending{State: state, After: min(time.Duration(w.GetCheckAfterSeconds())*time.Second, maxCheck)}}, nil
}

// remoteID is dropped rather than cut: half of it finds nothing.
func remoteID(s string) string {
	if len(s) > maxRemoteID || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' }) {
		return ""
	}
	return s
}

// webAddress gives an https address that a link may lead to, else "".
func webAddress(raw string) string {
	u, err := url.Parse(raw)
	if raw == "" || len(raw) > maxAddress || err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) {
		return ""
	}
	return raw
}

func accountFrom(id string, w *wire.Account) (Account, error) {
	a := Account{ID: plainText(w.GetId(), maxAccountID+1), Name: plainText(w.GetName(), maxAccountID), URL: webAddress(w.GetUrl()), Instance: strings.ToLower(w.GetInstance())}
	if a.ID == "" || a.ID != w.GetId() || len([]rune(a.ID)) > maxAccountID {
		return Account{}, &Failure{Code: Rejected, Cause: badAnswer(id, errors.New("an account without a usable id"))}
	}
	if !sdk.ValidHost(a.Instance) {
		a.Instance = ""
	}
	if a.Name == "" {
		a.Name = a.ID
	}
	return a, nil
}

// appFrom takes a registration whose addresses are https.
func appFrom(id string, w *wire.OAuthApp) (App, error) {
	a := App{
		ClientID: w.GetClientId(), ClientSecret: w.GetClientSecret(), AuthorizeURL: w.GetAuthorizeUrl(), TokenURL: w.GetTokenUrl(),
		RevokeURL: w.GetRevokeUrl(), PARURL: w.GetParUrl(), Issuer: w.GetIssuer(),
	}
	for _, address := range []string{a.AuthorizeURL, a.TokenURL, a.RevokeURL, a.PARURL, a.Issuer} {
		if address != "" && webAddress(address) == "" {
			return App{}, &Failure{Code: Rejected, Cause: badAnswer(id, errors.New("a registration with an address that is not https"))}
		}
	}
	if len(a.ClientID) > maxAddress || len(a.ClientSecret) > maxAddress {
		return App{}, &Failure{Code: Rejected, Cause: badAnswer(id, errors.New("a registration that is too long"))}
	}
	return a, nil
}

func errorsFrom(list []*wire.FieldError) []FieldError {
	var out []FieldError
	for _, e := range list[:min(len(list), maxErrors)] {
		key := e.GetKey()
		if !fieldKey().MatchString(key) {
			key = ""
		}
		out = append(out, FieldError{Key: key, Text: plainText(e.GetText(), maxDetail)})
	}
	return out
}

// plainText is one line of at most limit characters.
func plainText(s string, limit int) string { return sdk.Clip(sdk.Plain(text(s)), limit, nil) }

// lines is plain text of several lines.
func lines(s string, limit int) string {
	parts := strings.Split(text(s), "\n")
	for i, p := range parts {
		parts[i] = sdk.Plain(p)
	}
	return sdk.Clip(strings.Join(parts, "\n"), limit, nil)
}

// text drops broken UTF-8, which a message cannot carry.
func text(s string) string { return strings.ToValidUTF8(s, "") }

func valid(values map[string]string) map[string]string {
	out := make(map[string]string, len(values))
	for k, v := range values {
		out[text(k)] = text(v)
	}
	return out
}

func grantToWire(g Grant) *wire.Grant {
	return &wire.Grant{
		AccessToken: text(g.AccessToken), Instance: text(g.Instance), AccountId: text(g.AccountID), Fields: valid(g.Fields),
		DpopJwk: g.DPoPJWK, ClientId: text(g.ClientID), ClientSecret: text(g.ClientSecret),
	}
}
