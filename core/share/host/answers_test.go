package host

import (
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

func TestWhatIsPostedStaysPosted(t *testing.T) {
	for _, c := range []struct{ name, id, url, wantID, wantURL string }{
		{"plain", "1", "https://x.example/1", "1", "https://x.example/1"},
		{"a script for an address", "1", "javascript:alert(1)", "1", ""},
		{"http", "1", "http://x.example/1", "1", ""},
		{"a user in the address", "1", "https://a@x.example/1", "1", ""},
		{"a line break", "1", "https://x.example/\n", "1", ""},
		{"an id that is too long", strings.Repeat("9", maxRemoteID+1), "", "", ""},
		{"an id with control characters", "1\n2", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := postedFrom("x", &wire.ShareResponse{Result: &wire.ShareResponse_Posted{Posted: &wire.Posted{RemoteId: c.id, Url: c.url}}})
			if err != nil || got.RemoteID != c.wantID || got.URL != c.wantURL {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestFailuresAndTheirCodes(t *testing.T) {
	for _, c := range []struct {
		name string
		w    *wire.Failure
		want Failure
	}{
		{"unspecified is a fault of the plugin", &wire.Failure{}, Failure{Code: Uncertain}},
		{"unknown", &wire.Failure{Code: 99}, Failure{Code: Uncertain}},
		{"retry", &wire.Failure{Code: wire.Failure_CODE_RETRY, RetryAfterSeconds: 7}, Failure{Code: Retry, After: 7 * time.Second}},
		{"for ever", &wire.Failure{Code: wire.Failure_CODE_RETRY, RetryAfterSeconds: 1 << 31}, Failure{Code: Retry, After: maxRetryAfter}},
		{"markup in the key", &wire.Failure{Code: wire.Failure_CODE_REJECTED, Key: "<b>", Detail: "a\nb\u202e"}, Failure{Code: Rejected, Detail: "a b"}},
		{"a key", &wire.Failure{Code: wire.Failure_CODE_REAUTH, Key: "too_old"}, Failure{Code: Reauth, Key: "too_old"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := failureFrom(c.w); *got != c.want {
				t.Errorf("%+v, want %+v", *got, c.want)
			}
		})
	}
	if failureFrom(nil) != nil {
		t.Error("no failure is one")
	}
	why := fault.New(fault.Unavailable, "plugin.error.crashed")
	for code, want := range map[codes.Code]Code{
		codes.Unavailable: Uncertain, codes.DeadlineExceeded: Uncertain, codes.Internal: Uncertain, codes.Unimplemented: Rejected, codes.NotFound: Rejected,
	} {
		if got := broken(status.Error(code, ""), why); got.Code != want {
			t.Errorf("%v is %s, want %s", code, got.Code, want)
		}
	}
	if got := AsFailure(errors.New("no place")); got.Code != Retry {
		t.Errorf("what was not asked is %s", got.Code)
	}
}

func TestAccountsAndRegistrationsAreChecked(t *testing.T) {
	for name, w := range map[string]*wire.Account{
		"none": nil, "no id": {Name: "x"}, "an id of lines": {Id: "a\nb"}, "too long": {Id: strings.Repeat("a", maxAccountID+1)},
	} {
		if a, err := accountFrom("x", w); err == nil {
			t.Errorf("%s is taken: %+v", name, a)
		}
	}
	a, err := accountFrom("x", &wire.Account{Id: "1", Url: "javascript:1", Instance: "127.0.0.1"})
	if err != nil || a.Name != "1" || a.URL != "" || a.Instance != "" {
		t.Errorf("%+v, %v", a, err)
	}
	for _, w := range []*wire.OAuthApp{{TokenUrl: "http://x.example/"}, {AuthorizeUrl: "javascript:1"}, {ClientId: strings.Repeat("a", maxAddress+1)}} {
		if got, err := appFrom("x", w); err == nil {
			t.Errorf("taken: %+v", got)
		}
	}
}
