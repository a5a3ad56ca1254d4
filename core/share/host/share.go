package host

import (
	"context"
	"slices"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

func (u *unit) share(ctx context.Context, r Request) (Result, error) {
	ctx, cancel := context.WithTimeout(ctx, u.host.opt.CallTimeout)
	defer cancel()
	p, release, err := u.acquire(ctx)
	if err != nil {
		return Result{}, err
	}
	defer release()
	at := slices.IndexFunc(p.descriptor.Targets, func(t sdk.TargetInfo) bool { return t.ID == r.Target })
	if at < 0 {
		return Result{}, unknownTarget(u.id, r.Target)
	}
	hosts := p.descriptor.Hosts
	if p.descriptor.Targets[at].NeedsInstance {
		if !sdk.ValidHost(r.Item.Instance) {
			return Result{}, problem(u.id, "instance")
		}
		hosts = append(slices.Clone(hosts), r.Item.Instance)
	} else {
		r.Item.Instance = ""
	}
	answer, err := p.api.Share(ctx, toWire(r))
	if why := u.settle(ctx, p, err); why != nil {
		return Result{}, why
	}
	result, why := u.result(answer, hosts)
	if why != nil {
		if why.Kind != fault.Invalid { // which is the item's fault
			u.countBad(why)
		}
		return Result{}, why
	}
	return result, nil
}

// result checks what a plugin answered.
func (u *unit) result(answer *wire.ShareResponse, hosts []string) (Result, *fault.Error) {
	if f := answer.GetFailure(); f != nil {
		detail := sdk.Clip(sdk.Plain(f.GetDetail()), maxDetail, nil)
		if f.GetCode() == wire.Failure_CODE_REJECTED {
			return Result{}, fault.New(fault.Invalid, "plugin.error.refused").With("plugin", u.id).With("detail", detail)
		}
		return Result{}, problem(u.id, "answer").With("detail", detail)
	}
	if err := checkAddress(answer.GetOpenUrl(), hosts); err != nil {
		u.host.opt.Log.Warn("plugin answered what is not taken", "plugin", u.id, "error", err)
		return Result{}, badAnswer(u.id, err)
	}
	return Result{URL: answer.GetOpenUrl()}, nil
}
