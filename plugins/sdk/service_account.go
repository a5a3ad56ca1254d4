package sdk

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// Preview answers what Share would post.
func (s *service) Preview(_ context.Context, r *wire.ShareRequest) (*wire.PreviewResponse, error) {
	t, info, err := s.target(r.GetTarget(), func(_ Target, i TargetInfo) bool { return i.Kind != KindLink })
	if err != nil {
		return nil, err
	}
	item, options := itemFromWire(r), filled(info.Options, r.GetOptions())
	p := &wire.PreviewResponse{Max: number(info.Limits.MaxChars)}
	text, err := t.text(item, info, options)
	if err != nil {
		p.Errors = fieldErrorsToWire(fieldErrorsIn(err))
		return p, nil
	}
	p.Text, p.Used = text, number(info.Limits.Count.Of(text))
	if info.ByMail {
		p.Subject = Plain(t.subject(item, options))
	}
	return p, nil
}

func (t Target) text(i Item, info TargetInfo, options map[string]string) (string, error) {
	if t.Text == nil {
		return Text(i, info.Limits), nil
	}
	return t.Text(i, options)
}

func (t Target) subject(i Item, options map[string]string) string {
	if t.Subject == nil {
		return i.Title
	}
	return t.Subject(i, options)
}

// fieldErrorsIn lists the FieldErrors that err is or joins; any other error is
// about the words.
func fieldErrorsIn(err error) []FieldError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []FieldError
		for _, e := range joined.Unwrap() {
			all = append(all, fieldErrorsIn(e)...)
		}
		return all
	}
	if f, ok := errors.AsType[FieldError](err); ok {
		return []FieldError{f}
	}
	return []FieldError{{Key: "text", Text: err.Error()}}
}

// post shares to an account or an address.
func (s *service) post(ctx context.Context, t Target, info TargetInfo, r *wire.ShareRequest) *wire.ShareResponse {
	c, item := s.shareCall(info, r), itemFromWire(r)
	text, err := t.text(item, info, c.Options)
	if err != nil {
		return shared(ctx, c, Posted{}, err)
	}
	item.Posting = text
	p, err := t.Post(ctx, c, item)
	return shared(ctx, c, p, err)
}

// Resume asks after a share.
func (s *service) Resume(ctx context.Context, r *wire.ResumeRequest) (*wire.ShareResponse, error) {
	t, info, err := s.target(r.GetShare().GetTarget(), func(t Target, _ TargetInfo) bool { return t.Resume != nil })
	if err != nil {
		return nil, err
	}
	c, item := s.shareCall(info, r.GetShare()), itemFromWire(r.GetShare())
	if item.Posting, err = t.text(item, info, c.Options); err != nil {
		return shared(ctx, c, Posted{}, err), nil
	}
	p, err := t.Resume(ctx, c, item, r.GetState())
	return shared(ctx, c, p, err), nil
}

// shared makes the answer of Post and Resume.
func shared(ctx context.Context, c *Call, p Posted, err error) *wire.ShareResponse {
	switch {
	case err != nil:
		return &wire.ShareResponse{Result: &wire.ShareResponse_Failure{Failure: failureToWire(ctx, c, err, Rejected)}}
	case p.Pending != nil:
		return &wire.ShareResponse{Result: &wire.ShareResponse_Pending{Pending: &wire.Pending{
			State: p.Pending.State, CheckAfterSeconds: seconds(p.Pending.After),
		}}}
	}
	return &wire.ShareResponse{Result: &wire.ShareResponse_Posted{Posted: &wire.Posted{RemoteId: p.RemoteID, Url: p.URL}}}
}

// Identify answers whose account a grant is for.
func (s *service) Identify(ctx context.Context, r *wire.IdentifyRequest) (*wire.IdentifyResponse, error) {
	t, info, err := s.target(r.GetTarget(), func(t Target, _ TargetInfo) bool { return t.Identify != nil })
	if err != nil {
		return nil, err
	}
	c := s.call(info, r.GetGrant(), r.GetSettings())
	a, err := t.Identify(ctx, c)
	if err != nil {
		return &wire.IdentifyResponse{Result: &wire.IdentifyResponse_Failure{Failure: failureToWire(ctx, c, err, Retry)}}, nil
	}
	return &wire.IdentifyResponse{Result: &wire.IdentifyResponse_Account{Account: &wire.Account{
		Id: a.ID, Name: Plain(a.Name), Url: a.URL, Instance: a.Instance,
	}}}, nil
}

// Retract deletes a post.
func (s *service) Retract(ctx context.Context, r *wire.RetractRequest) (*wire.RetractResponse, error) {
	t, info, err := s.target(r.GetTarget(), func(t Target, _ TargetInfo) bool { return t.Retract != nil })
	if err != nil {
		return nil, err
	}
	c := s.call(info, r.GetGrant(), r.GetSettings())
	err = t.Retract(ctx, c, Posted{RemoteID: r.GetPosted().GetRemoteId(), URL: r.GetPosted().GetUrl()})
	return &wire.RetractResponse{Failure: failureToWire(ctx, c, err, Retry)}, nil
}

// Disconnect has the remote forget a grant. A token that it does not take is one
// that it has forgotten.
func (s *service) Disconnect(ctx context.Context, r *wire.DisconnectRequest) (*wire.DisconnectResponse, error) {
	t, info, err := s.target(r.GetTarget(), func(t Target, _ TargetInfo) bool { return t.Disconnect != nil })
	if err != nil {
		return nil, err
	}
	c := s.call(info, r.GetGrant(), r.GetSettings())
	if err = t.Disconnect(ctx, c); CodeOf(err) == Reauth {
		err = nil
	}
	return &wire.DisconnectResponse{Failure: failureToWire(ctx, c, err, Retry)}, nil
}

// Provision registers the passport with one server.
func (s *service) Provision(ctx context.Context, r *wire.ProvisionRequest) (*wire.ProvisionResponse, error) {
	t, info, err := s.target(r.GetTarget(), func(t Target, _ TargetInfo) bool { return t.Provision != nil })
	if err != nil {
		return nil, err
	}
	c := s.call(info, nil, r.GetSettings())
	a, err := t.Provision(ctx, c, Registration{
		Instance: r.GetInstance(), RedirectURI: r.GetRedirectUri(), ClientName: r.GetClientName(), Website: r.GetWebsite(),
	})
	if err != nil {
		return &wire.ProvisionResponse{Result: &wire.ProvisionResponse_Failure{Failure: failureToWire(ctx, c, err, Retry)}}, nil
	}
	return &wire.ProvisionResponse{Result: &wire.ProvisionResponse_App{App: &wire.OAuthApp{
		ClientId: a.ClientID, ClientSecret: a.ClientSecret, AuthorizeUrl: a.AuthorizeURL, TokenUrl: a.TokenURL,
		RevokeUrl: a.RevokeURL, ParUrl: a.PARURL, Issuer: a.Issuer,
	}}}, nil
}

// Configure holds settings against what the plugin can work with.
func (s *service) Configure(ctx context.Context, r *wire.ConfigureRequest) (*wire.ConfigureResponse, error) {
	if s.plugin.Check == nil {
		return nil, status.Error(codes.Unimplemented, "the plugin has nothing to say about its settings")
	}
	c := s.call(TargetInfo{}, nil, r.GetSettings())
	faults, err := s.plugin.Check(ctx, c.Settings, r.GetTest())
	return &wire.ConfigureResponse{Errors: fieldErrorsToWire(faults), Failure: failureToWire(ctx, c, err, Rejected)}, nil
}
