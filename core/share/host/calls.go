package host

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// The deadlines of calls, without the start of the process.
const (
	submitTimeout  = 30 * time.Second
	remoteTimeout  = 20 * time.Second // all other calls that ask a remote
	previewTimeout = 2 * time.Second
)

// Bounds of what a plugin may answer beside those of addresses.
const (
	maxRemoteID  = 500     // bytes
	maxAccountID = 300     // characters
	maxState     = 4 << 10 // bytes of Pending.State
	maxPreview   = 100_000 // characters
	maxErrors    = 40
	maxCheck     = 24 * time.Hour
)

var fieldKey = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`) })

// Grant is the sdk's, as are the others.
type Grant = sdk.Grant

// Account is whose grant it is.
type Account = sdk.Account

// Posted is what is at the remote.
type Posted = sdk.Posted

// Pending is a share that the remote has taken and not done.
type Pending = sdk.Pending

// FieldError is what is wrong with one field.
type FieldError = sdk.FieldError

// App is a registration with one server.
type App = sdk.OAuthApp

// Made is what was posted, and by which grant.
type Made struct {
	Target   string
	Grant    Grant
	Settings map[string]string
	Posted   Posted
}

// Preview is what a share would post.
type Preview struct {
	Text, Subject string
	Used, Max     int
	Errors        []FieldError
}

// Registration asks for a registration with a server.
type Registration struct {
	Target, Instance, RedirectURI, ClientName, Website string

	Settings map[string]string
}

// invoke runs one call on the plugin id: f gets the client once a process is there
// and a place among its calls is free. The error is a *Failure.
func invoke[T any](ctx context.Context, h *Host, s subject, f func(context.Context, wire.ShareTargetClient) (T, error)) (T, error) {
	var none T
	u, err := h.unit(s.plugin)
	if err != nil {
		return none, AsFailure(err)
	}
	start, cancel := context.WithTimeout(ctx, h.opt.StartTimeout+busyWait)
	p, release, err := u.acquire(start)
	cancel()
	if err != nil {
		return none, AsFailure(err)
	}
	defer release()
	if s.target != "" && !slices.ContainsFunc(p.descriptor.Targets, func(t sdk.TargetInfo) bool { return t.ID == s.target }) {
		return none, &Failure{Code: Rejected, Cause: unknownTarget(u.id, s.target)}
	}
	defer h.secrets.hold(s.grant, s.settings)()
	defer p.allow(s.hosts())()
	ctx, cancel = context.WithTimeout(ctx, s.timeout)
	defer cancel()
	answer, err := f(ctx, p.api)
	if why := u.settle(ctx, p, err); why != nil {
		return none, broken(err, why)
	}
	return answer, nil
}

// subject is what a call is about.
type subject struct {
	plugin, target string
	instance       string
	grant          Grant
	settings       map[string]string
	timeout        time.Duration
}

// hosts are those that the plugin may connect to for this call alone: the server
// of the person, and where the addresses that the person typed lead.
func (s subject) hosts() []string {
	var list []string
	for _, name := range []string{s.instance, s.grant.Instance} {
		if sdk.ValidHost(name) {
			list = append(list, name)
		}
	}
	for _, value := range s.grant.Fields {
		if u, err := url.Parse(strings.TrimSpace(value)); err == nil && u.Scheme == "https" && u.Hostname() != "" {
			list = append(list, strings.ToLower(u.Hostname()))
		}
	}
	return list
}

// Submit shares r to a target that is no link. The error is a *Failure; the rest of
// the answer is mended rather than refused, for what is posted is posted.
func (h *Host) Submit(ctx context.Context, id string, r Request) (Posted, error) {
	answer, err := invoke(ctx, h, r.subject(id, submitTimeout), func(ctx context.Context, api wire.ShareTargetClient) (*wire.ShareResponse, error) {
		return api.Share(ctx, toWire(r))
	})
	if err != nil {
		return Posted{}, err
	}
	return postedFrom(id, answer)
}

// Resume asks after a share that is pending, or (uncertain) looks whether one whose
// answer was lost is there: Retry then means that it surely is not.
func (h *Host) Resume(ctx context.Context, id string, r Request, state string, uncertain bool) (Posted, error) {
	answer, err := invoke(ctx, h, r.subject(id, remoteTimeout), func(ctx context.Context, api wire.ShareTargetClient) (*wire.ShareResponse, error) {
		return api.Resume(ctx, &wire.ResumeRequest{Share: toWire(r), State: state, Uncertain: uncertain})
	})
	if err != nil {
		return Posted{}, err
	}
	return postedFrom(id, answer)
}

// Preview tells what Submit would post. The error is a *Failure.
func (h *Host) Preview(ctx context.Context, id string, r Request) (Preview, error) {
	answer, err := invoke(ctx, h, r.subject(id, previewTimeout), func(ctx context.Context, api wire.ShareTargetClient) (*wire.PreviewResponse, error) {
		return api.Preview(ctx, toWire(r))
	})
	if err != nil {
		return Preview{}, err
	}
	return Preview{
		Text: lines(answer.GetText(), maxPreview), Subject: plainText(answer.GetSubject(), maxDetail),
		Used: int(answer.GetUsed()), Max: int(answer.GetMax()), Errors: errorsFrom(answer.GetErrors()),
	}, nil
}

// Identify tells whose account g is for. The error is a *Failure.
func (h *Host) Identify(ctx context.Context, id, target string, g Grant, settings map[string]string) (Account, error) {
	s := subject{plugin: id, target: target, grant: g, settings: settings, timeout: remoteTimeout}
	answer, err := invoke(ctx, h, s, func(ctx context.Context, api wire.ShareTargetClient) (*wire.IdentifyResponse, error) {
		return api.Identify(ctx, &wire.IdentifyRequest{Target: target, Grant: grantToWire(g), Settings: valid(settings)})
	})
	if err != nil {
		return Account{}, err
	}
	if f := failureFrom(answer.GetFailure()); f != nil {
		return Account{}, f
	}
	return accountFrom(id, answer.GetAccount())
}

// Provision registers the passport with one server. The error is a *Failure.
func (h *Host) Provision(ctx context.Context, id string, r Registration) (App, error) {
	s := subject{plugin: id, target: r.Target, instance: r.Instance, settings: r.Settings, timeout: remoteTimeout}
	answer, err := invoke(ctx, h, s, func(ctx context.Context, api wire.ShareTargetClient) (*wire.ProvisionResponse, error) {
		return api.Provision(ctx, &wire.ProvisionRequest{
			Target: r.Target, Instance: text(r.Instance), RedirectUri: r.RedirectURI, ClientName: text(r.ClientName), Website: r.Website, Settings: valid(r.Settings),
		})
	})
	if err != nil {
		return App{}, err
	}
	if f := failureFrom(answer.GetFailure()); f != nil {
		return App{}, f
	}
	return appFrom(id, answer.GetApp())
}

// ErrNoCheck says that the plugin does not look at its settings before it uses them.
var ErrNoCheck = errors.New("the plugin has nothing to say about its settings")

// Configure holds settings against what the plugin can work with, and with test
// tries them at the remote. The error is a *Failure, or ErrNoCheck.
func (h *Host) Configure(ctx context.Context, id string, settings map[string]string, lang string, test bool) ([]FieldError, error) {
	s, looked := subject{plugin: id, settings: settings, timeout: remoteTimeout}, true
	answer, err := invoke(ctx, h, s, func(ctx context.Context, api wire.ShareTargetClient) (*wire.ConfigureResponse, error) {
		answer, err := api.Configure(ctx, &wire.ConfigureRequest{Settings: valid(settings), Test: test, Lang: lang})
		if looked = status.Code(err) != codes.Unimplemented; !looked {
			return nil, nil // no plugin has to look at its settings
		}
		return answer, err
	})
	if err == nil && !looked {
		err = ErrNoCheck
	}
	if err != nil {
		return nil, err
	}
	if f := failureFrom(answer.GetFailure()); f != nil {
		return errorsFrom(answer.GetErrors()), f
	}
	return errorsFrom(answer.GetErrors()), nil
}

// Retract deletes what was posted. The error is a *Failure.
func (h *Host) Retract(ctx context.Context, id string, m Made) error {
	s := subject{plugin: id, target: m.Target, grant: m.Grant, settings: m.Settings, timeout: remoteTimeout}
	answer, err := invoke(ctx, h, s, func(ctx context.Context, api wire.ShareTargetClient) (*wire.RetractResponse, error) {
		return api.Retract(ctx, &wire.RetractRequest{
			Target: m.Target, Grant: grantToWire(m.Grant), Posted: &wire.Posted{RemoteId: text(m.Posted.RemoteID), Url: text(m.Posted.URL)}, Settings: valid(m.Settings),
		})
	})
	return answered(answer.GetFailure(), err)
}

// Disconnect has the remote forget g. The error is a *Failure.
func (h *Host) Disconnect(ctx context.Context, id, target string, g Grant, settings map[string]string) error {
	s := subject{plugin: id, target: target, grant: g, settings: settings, timeout: remoteTimeout}
	answer, err := invoke(ctx, h, s, func(ctx context.Context, api wire.ShareTargetClient) (*wire.DisconnectResponse, error) {
		return api.Disconnect(ctx, &wire.DisconnectRequest{Target: target, Grant: grantToWire(g), Settings: valid(settings)})
	})
	return answered(answer.GetFailure(), err)
}

// answered joins the two ways in which a call without a result can go wrong.
func answered(w *wire.Failure, err error) error {
	if err != nil {
		return err
	}
	if f := failureFrom(w); f != nil {
		return f
	}
	return nil
}

func (r Request) subject(id string, timeout time.Duration) subject {
	return subject{plugin: id, target: r.Target, instance: r.Item.Instance, grant: r.Grant, settings: r.Settings, timeout: timeout}
}
