package sharetest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// postTimeout is how long a post may take, as in the passport.
const postTimeout = 30 * time.Second

// accountDemands are those of targets that post by themselves.
func accountDemands() []demand {
	return []demand{
		{"previews what it would post, without the network, counted as it says", previewed, previews},
		{"posts, with an id where it can take back", isPoster, posts},
		{"asks for a new connection when the token is not taken", isPoster, fails(answers(401), wire.Failure_CODE_REAUTH)},
		{"waits as long as it is told to", isPoster, waits},
		{"is unsure after an answer of 500", isPoster, fails(answers(500), wire.Failure_CODE_UNCERTAIN)},
		{"is unsure after a lost answer", isPoster, fails(cuts, wire.Failure_CODE_UNCERTAIN)},
		{"tells no token that a remote sends back", isPoster, fails(answers(422), wire.Failure_CODE_REJECTED)},
		{"bears an answer of 50 MB", isPoster, bearsFlood},
		{"takes no token to another host", isPoster, staysHome},
		{"gives up in time on a remote that is silent", isPoster, givesUp},
		{"connects to the hosts that it named, and no other", isPoster, dialsItsOwn},
		{"keeps parallel grants apart", isPoster, keepsGrantsApart},
		{"takes back twice", (*wire.Target).GetCanRetract, retractsTwice},
		{"disconnects with a token that is dead", isPoster, disconnectsDead},
		{"names the same account each time", isPoster, identifiesTheSame},
		{"bears a share with nothing in it", isPoster, bearsEmptyShare},
	}
}

// previewed has a text that the person sees before.
func previewed(t *wire.Target) bool {
	return t.GetKind() == wire.Kind_KIND_ACCOUNT || t.GetKind() == wire.Kind_KIND_DIRECT
}

// isPoster posts by itself.
func isPoster(t *wire.Target) bool { return previewed(t) && !t.GetByMail() }

// eachPoster does f for each target that posts by itself, and says whose fault is whose.
func (p *subject) eachPoster(ctx context.Context, f func(*wire.Descriptor, *wire.Target) error) error {
	return p.each(ctx, isPoster, func(d *wire.Descriptor, t *wire.Target) error {
		if err := f(d, t); err != nil {
			return fmt.Errorf("%s: %w", t.GetId(), err)
		}
		return nil
	})
}

// send shares the sample with grant n. An error of the call is a fault of the
// plugin: what a remote does is an answer.
func (p *subject) send(ctx context.Context, d *wire.Descriptor, t *wire.Target, n int) (*wire.ShareResponse, error) {
	r, err := p.post(d, t, sample(), n)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	a, err := p.api.Share(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("the call failed, where a failure should be answered: %w", err)
	}
	if strings.Contains(a.String(), token(n)) {
		return nil, errors.New("the answer tells the token")
	}
	return a, nil
}

// well shares while all is well and gives how many requests that takes that change
// something: the last is taken for the post.
func (p *subject) well(ctx context.Context, d *wire.Descriptor, t *wire.Target) (int, error) {
	p.remote.begin(-1, nil)
	a, err := p.send(ctx, d, t, 0)
	if err != nil {
		return 0, err
	}
	n := p.remote.unsafe()
	if a.GetPosted() == nil && a.GetPending() == nil {
		return 0, fmt.Errorf("with answers that the kit makes up it does not post: %v (a Suite takes the answers of your service)", a)
	}
	if n == 0 {
		return 0, errors.New("it says that it posted, and sent nothing")
	}
	return n, nil
}

func posts(ctx context.Context, p *subject) error {
	return p.eachPoster(ctx, func(d *wire.Descriptor, t *wire.Target) error {
		if _, err := p.well(ctx, d, t); err != nil {
			return err
		}
		p.remote.begin(-1, nil)
		a, err := p.send(ctx, d, t, 0)
		if err != nil {
			return err
		}
		posted := a.GetPosted()
		switch {
		case posted == nil:
			return nil
		case t.GetCanRetract() && posted.GetRemoteId() == "":
			return errors.New("no id, without which nothing can be taken back")
		case len(posted.GetRemoteId()) > 500 || posted.GetUrl() != "" && !strings.HasPrefix(posted.GetUrl(), "https://"):
			return fmt.Errorf("an id of more than 500 bytes, or an address that is not https: %v", posted)
		}
		return nil
	})
}

// fails has the request that posts meet with a fault: the answer has the code, and
// the request is not sent again.
func fails(fault http.HandlerFunc, want wire.Failure_Code) func(context.Context, *subject) error {
	return func(ctx context.Context, p *subject) error {
		return p.eachPoster(ctx, func(d *wire.Descriptor, t *wire.Target) error {
			f, err := p.meet(ctx, d, t, fault)
			switch {
			case err != nil:
				return err
			case f == nil:
				return errors.New("it says that it posted")
			case f.GetCode() == want, t.GetOauth() == nil && want == wire.Failure_CODE_REAUTH && f.GetCode() == wire.Failure_CODE_REJECTED:
				return nil
			case want == wire.Failure_CODE_REJECTED && f.GetCode() == wire.Failure_CODE_DISCONNECT:
				return nil
			}
			return fmt.Errorf("answered %v, want %v", f, want)
		})
	}
}

// meet shares with a fault for the request that posts, and gives the failure.
func (p *subject) meet(ctx context.Context, d *wire.Descriptor, t *wire.Target, fault http.HandlerFunc) (*wire.Failure, error) {
	n, err := p.well(ctx, d, t)
	if err != nil {
		return nil, err
	}
	p.remote.begin(n-1, fault)
	a, err := p.send(ctx, d, t, 1)
	if err != nil {
		return nil, err
	}
	if again := p.remote.unsafe(); again > n {
		return nil, fmt.Errorf("%d requests where %d were enough: trying again is the passport's part", again, n)
	}
	return a.GetFailure(), nil
}

func waits(ctx context.Context, p *subject) error {
	return p.eachPoster(ctx, func(d *wire.Descriptor, t *wire.Target) error {
		f, err := p.meet(ctx, d, t, answers(429, "Retry-After", "17"))
		if err == nil && (f.GetCode() != wire.Failure_CODE_RETRY || f.GetRetryAfterSeconds() != 17) {
			err = fmt.Errorf("answered %v after 429 with Retry-After: 17", f)
		}
		return err
	})
}

func bearsFlood(ctx context.Context, p *subject) error {
	return p.eachPoster(ctx, func(d *wire.Descriptor, t *wire.Target) error {
		if _, err := p.well(ctx, d, t); err != nil {
			return err
		}
		before, known := memory(p.cmd.Process.Pid, peak)
		if _, err := p.meet(ctx, d, t, floods); err != nil {
			return err
		}
		if after, ok := memory(p.cmd.Process.Pid, peak); known && ok && after-before > 32<<10 {
			return fmt.Errorf("it took %d MB for it", (after-before)>>10)
		}
		return nil
	})
}

func staysHome(ctx context.Context, p *subject) error {
	return p.eachPoster(ctx, func(d *wire.Descriptor, t *wire.Target) error {
		for _, code := range []int{302, 307} {
			if _, err := p.meet(ctx, d, t, answers(code, "Location", "https://thief.example/")); err != nil {
				return err
			}
			for _, r := range p.remote.requests() {
				if r.host == "thief.example" && strings.Contains(r.all, token(1)) {
					return fmt.Errorf("after %d it sent the token to thief.example", code)
				}
			}
		}
		return nil
	})
}

// givesUp waits for the plugin to let go of a remote that says nothing.
func givesUp(ctx context.Context, p *subject) error {
	return p.eachPoster(ctx, func(d *wire.Descriptor, t *wire.Target) error {
		n, err := p.well(ctx, d, t)
		if err != nil {
			return err
		}
		gone := make(chan struct{}, 8)
		p.remote.begin(n-1, func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			gone <- struct{}{}
		})
		r, err := p.post(d, t, sample(), 1)
		if err != nil {
			return err
		}
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if a, err := p.api.Share(short, r); err == nil && a.GetFailure().GetCode() != wire.Failure_CODE_UNCERTAIN {
			return fmt.Errorf("answered %v, with no answer of the remote", a)
		}
		select {
		case <-gone:
			return nil
		case <-time.After(25 * time.Second):
			return errors.New("it still waits 25 s later")
		}
	})
}

func dialsItsOwn(ctx context.Context, p *subject) error {
	return p.eachPoster(ctx, func(d *wire.Descriptor, t *wire.Target) error {
		before := len(p.world.Dialled())
		if _, err := p.well(ctx, d, t); err != nil {
			return err
		}
		for _, address := range p.world.Dialled()[before:] {
			if host := hostOf(address); !p.mayDial(host, d, t) {
				return fmt.Errorf("it connects to %s, which is not among its egress %v", host, d.GetEgress())
			}
		}
		return nil
	})
}

// keepsGrantsApart shares for many people at once: no request has one's badge with
// another's token.
func keepsGrantsApart(ctx context.Context, p *subject) error {
	return p.eachPoster(ctx, func(d *wire.Descriptor, t *wire.Target) error {
		const people = 16
		p.remote.begin(-1, nil)
		var all sync.WaitGroup
		faults := make([]error, people)
		for n := range people {
			all.Go(func() {
				item := sample()
				item.Url = "https://passport.example/b/" + number(n)
				r, err := p.post(d, t, item, n)
				if err == nil {
					ctx, cancel := context.WithTimeout(ctx, postTimeout)
					defer cancel()
					_, err = p.api.Share(ctx, r)
				}
				faults[n] = err
			})
		}
		all.Wait()
		return errors.Join(errors.Join(faults...), mixed(p.remote.requests(), people))
	})
}

func number(n int) string { return fmt.Sprintf("number%04dx", n) }

func mixed(requests []seen, people int) error {
	for _, r := range requests {
		for badge := range people {
			if !strings.Contains(r.all, number(badge)) {
				continue
			}
			for other := range people {
				if other != badge && (strings.Contains(r.all, token(other)) || strings.Contains(r.all, number(other))) {
					return errors.New("one person's badge went with another's token")
				}
			}
		}
	}
	return nil
}

func previews(ctx context.Context, p *subject) error {
	d, err := p.describe(ctx)
	if err != nil {
		return err
	}
	p.remote.begin(-1, nil)
	var faults []error
	for _, t := range d.GetTargets() {
		if !previewed(t) {
			continue
		}
		for _, words := range append(hostile(), "I did it", strings.Repeat("https://a.example/b ", 60)) {
			if err := p.preview(ctx, d, t, words); err != nil {
				faults = append(faults, fmt.Errorf("%s, with the words %q: %w", t.GetId(), sdk.Clip(words, 30, nil), err))
			}
		}
	}
	if n := len(p.remote.requests()); n > 0 {
		faults = append(faults, fmt.Errorf("%d requests for a preview", n))
	}
	return errors.Join(faults...)
}

func (p *subject) preview(ctx context.Context, d *wire.Descriptor, t *wire.Target, words string) error {
	r, err := p.post(d, t, sample(), 0)
	if err != nil {
		return err
	}
	r.Text = strings.ToValidUTF8(words, "")
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	a, err := p.api.Preview(ctx, r)
	if err != nil {
		return err
	}
	if len(a.GetErrors()) > 0 {
		return nil // its right
	}
	limits := sdk.FromWire(&wire.Descriptor{Targets: []*wire.Target{t}}).Targets[0].Limits
	used := limits.Count.Of(a.GetText())
	switch {
	case int(a.GetUsed()) != used || int(a.GetMax()) != limits.MaxChars:
		return fmt.Errorf("it says %d of %d characters, which are %d of %d", a.GetUsed(), a.GetMax(), used, limits.MaxChars)
	case limits.MaxChars > 0 && used > limits.MaxChars:
		return fmt.Errorf("%d characters of %d, without an error", used, limits.MaxChars)
	case !strings.Contains(a.GetText(), sample().GetUrl()):
		return errors.New("the badge's address is not in it, whole")
	}
	return nil
}

func retractsTwice(ctx context.Context, p *subject) error {
	return p.eachPoster(ctx, func(d *wire.Descriptor, t *wire.Target) error {
		if !t.GetCanRetract() {
			return nil
		}
		p.remote.begin(-1, nil)
		a, err := p.send(ctx, d, t, 0)
		if err != nil || a.GetPosted() == nil {
			return err
		}
		g, err := p.grant(t, 0)
		if err != nil {
			return err
		}
		r := &wire.RetractRequest{Target: t.GetId(), Grant: g, Posted: a.GetPosted(), Settings: p.values(t, d.GetSettings(), 0)}
		last := -1 // the request that deletes
		for _, fault := range []http.HandlerFunc{nil, answers(404)} {
			p.remote.begin(last, fault)
			ctx, cancel := context.WithTimeout(ctx, postTimeout)
			defer cancel()
			a, err := p.api.Retract(ctx, r)
			if err == nil && a.GetFailure() != nil {
				err = fmt.Errorf("answered %v", a)
			}
			if err != nil {
				return err
			}
			if p.remote.unsafe() == 0 {
				return errors.New("it asked the remote for nothing")
			}
			last = p.remote.unsafe() - 1
		}
		return nil
	})
}

func disconnectsDead(ctx context.Context, p *subject) error {
	return p.eachPoster(ctx, func(d *wire.Descriptor, t *wire.Target) error {
		g, err := p.grant(t, 0)
		if err != nil {
			return err
		}
		p.remote.begin(-1, answers(401))
		ctx, cancel := context.WithTimeout(ctx, postTimeout)
		defer cancel()
		a, err := p.api.Disconnect(ctx, &wire.DisconnectRequest{Target: t.GetId(), Grant: g, Settings: p.values(t, d.GetSettings(), 0)})
		if status.Code(err) == codes.Unimplemented {
			return nil // nothing to tell the remote
		}
		if err == nil && a.GetFailure() != nil {
			err = fmt.Errorf("answered %v", a)
		}
		return err
	})
}

func identifiesTheSame(ctx context.Context, p *subject) error {
	return p.eachPoster(ctx, func(d *wire.Descriptor, t *wire.Target) error {
		g, err := p.grant(t, 0)
		if err != nil {
			return err
		}
		g.AccountId = ""
		var ids []string
		for range 2 {
			p.remote.begin(-1, nil)
			ctx, cancel := context.WithTimeout(ctx, postTimeout)
			defer cancel()
			a, err := p.api.Identify(ctx, &wire.IdentifyRequest{Target: t.GetId(), Grant: g, Settings: p.values(t, d.GetSettings(), 0)})
			if status.Code(err) == codes.Unimplemented && t.GetKind() == wire.Kind_KIND_DIRECT {
				return nil
			}
			if err == nil && (a.GetAccount().GetId() == "" || a.GetAccount().GetName() == "") {
				err = fmt.Errorf("no id or no name: %v", a)
			}
			if err != nil {
				return err
			}
			ids = append(ids, a.GetAccount().GetId())
		}
		if len(slices.Compact(ids)) != 1 {
			return fmt.Errorf("the same grant is for %v", ids)
		}
		return nil
	})
}

// bearsEmptyShare sends what a host of another version might. Any answer is right
// as long as there is one.
func bearsEmptyShare(ctx context.Context, p *subject) error {
	return p.eachPoster(ctx, func(d *wire.Descriptor, t *wire.Target) error {
		p.remote.begin(-1, nil)
		for _, item := range []*wire.Item{{}, {Type: 99, Url: sample().GetUrl()}, nil} {
			r, err := p.post(d, t, item, 0)
			if err != nil {
				return err
			}
			for _, g := range []*wire.Grant{r.GetGrant(), nil} {
				r.Grant, r.Options = g, map[string]string{"unheard_of": "x"}
				ctx, cancel := context.WithTimeout(ctx, postTimeout)
				defer cancel()
				_, err := p.api.Share(ctx, r)
				if c := status.Code(err); c == codes.Unavailable || c == codes.DeadlineExceeded || c == codes.Internal {
					return err
				}
			}
		}
		return nil
	})
}
