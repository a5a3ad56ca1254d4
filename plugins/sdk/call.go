package sdk

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// minURLSecret is how many bytes a part of an address has at least to be a secret.
const minURLSecret = 8

// target gives a target as Go and as data. The error is that of a call that cannot
// be: NotFound, or Unimplemented where has is false.
func (s *service) target(id string, has func(Target, TargetInfo) bool) (Target, TargetInfo, error) {
	at := slices.IndexFunc(s.descriptor.Targets, func(t TargetInfo) bool { return t.ID == id })
	if at < 0 {
		return Target{}, TargetInfo{}, status.Errorf(codes.NotFound, "%v %q", ErrNoTarget, id)
	}
	info, t := s.descriptor.Targets[at], Target{}
	if at := slices.IndexFunc(s.plugin.Targets, func(t Target) bool { return t.ID == id }); at >= 0 {
		t = s.plugin.Targets[at]
	}
	if !has(t, info) {
		return Target{}, TargetInfo{}, status.Errorf(codes.Unimplemented, "target %q cannot do this", id)
	}
	return t, info, nil
}

// call makes what comes with a call, fallbacks filled in.
func (s *service) call(info TargetInfo, g *wire.Grant, settings map[string]string) *Call {
	grant := Grant{
		AccessToken: g.GetAccessToken(), Instance: g.GetInstance(), AccountID: g.GetAccountId(),
		Fields:  filled(info.Connect, g.GetFields()),
		DPoPJWK: g.GetDpopJwk(), ClientID: g.GetClientId(), ClientSecret: g.GetClientSecret(),
	}
	secrets := append(secretsIn(s.descriptor.Settings, settings), secretsIn(info.Connect, g.GetFields())...)
	return &Call{
		Grant: grant, Settings: filled(s.descriptor.Settings, settings), Options: map[string]string{},
		HTTP: newGrantClient(grant, secrets),
	}
}

// shareCall is call for a share.
func (s *service) shareCall(info TargetInfo, r *wire.ShareRequest) *Call {
	c := s.call(info, r.GetGrant(), r.GetSettings())
	c.Options, c.Key, c.Lang = filled(info.Options, r.GetOptions()), r.GetIdempotencyKey(), r.GetLang()
	return c
}

// filled gives values with what stands for the empty ones.
func filled(fields []Field, values map[string]string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, values)
	for _, f := range fields {
		if all[f.Key] == "" && f.Fallback != "" {
			all[f.Key] = f.Fallback
		}
	}
	return all
}

// secretsIn lists the values that must not be told.
func secretsIn(fields []Field, values map[string]string) []string {
	var all []string
	for _, f := range fields {
		switch f.Type {
		case FieldSecret:
			all = append(all, values[f.Key])
		case FieldURL:
			all = append(all, secretsInURL(values[f.Key])...)
		}
	}
	return all
}

// secretsInURL lists the parts of an address that may let in whoever knows them, as
// those of a webhook do: all that is long in its path and its query.
func secretsInURL(address string) []string {
	u, err := url.Parse(address)
	if err != nil {
		return []string{address}
	}
	parts := strings.Split(u.Path, "/")
	for _, values := range u.Query() {
		parts = append(parts, values...)
	}
	return slices.DeleteFunc(parts, func(part string) bool { return len(part) < minURLSecret })
}

// failureToWire gives err as the answer that it is; nil for none. What is no
// Failure has the code otherwise, or Uncertain when the call ran out of time.
func failureToWire(ctx context.Context, c *Call, err error, otherwise Code) *wire.Failure {
	if err == nil {
		return nil
	}
	f := Failure{}
	if !errors.As(err, &f) {
		f = Failure{Code: otherwise, Detail: err.Error()}
		if ctx.Err() != nil {
			f.Code = Uncertain
		}
	}
	return &wire.Failure{
		Code: codesOnWire[f.Code], Key: f.Key, Detail: Clip(Plain(c.HTTP.secrets.text(f.Detail)), maxDetail, nil),
		RetryAfterSeconds: seconds(f.After),
	}
}

var codesOnWire = map[Code]wire.Failure_Code{
	Retry: wire.Failure_CODE_RETRY, Reauth: wire.Failure_CODE_REAUTH, Rejected: wire.Failure_CODE_REJECTED,
	Disconnect: wire.Failure_CODE_DISCONNECT, Uncertain: wire.Failure_CODE_UNCERTAIN,
}

// seconds rounds up: a remote that is asked too early refuses again.
func seconds(d time.Duration) uint32 { return number(int((d + time.Second - 1) / time.Second)) }

func fieldErrorsToWire(all []FieldError) []*wire.FieldError {
	var onWire []*wire.FieldError
	for _, e := range all {
		onWire = append(onWire, &wire.FieldError{Key: e.Key, Text: Clip(Plain(e.Text), maxDetail, nil)})
	}
	return onWire
}
