package sharetest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// active is what a drawing has no use for.
var active = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)<\s*(script|foreignobject|iframe|embed|object|audio|video|image|use|a)[\s/>]|\son[a-z]+\s*=|javascript:|<!doctype|<!entity|https?://(?:[^w]|w[^w])`)
})

func describes(ctx context.Context, p *subject) error {
	d, err := p.describe(ctx)
	if err != nil {
		return err
	}
	if len(d.GetTargets()) > sdk.MaxTargets {
		return fmt.Errorf("%d targets, at most %d", len(d.GetTargets()), sdk.MaxTargets)
	}
	return sdk.FromWire(d).Check()
}

func describesTheSame(ctx context.Context, p *subject) error {
	first, err := p.describe(ctx)
	if err != nil {
		return err
	}
	for range 10 {
		again, err := p.describe(ctx)
		if err != nil {
			return err
		}
		if !proto.Equal(first, again) {
			return errors.New("two answers differ: the host keeps the first")
		}
	}
	return nil
}

func labelled(ctx context.Context, p *subject) error {
	return p.each(ctx, nil, func(d *wire.Descriptor, t *wire.Target) error {
		en := d.GetI18N()["en"].GetText()
		if en["name"] == "" || en[t.GetId()] == "" {
			return fmt.Errorf("i18n.en lacks %q or %q", "name", t.GetId())
		}
		return nil
	})
}

func harmlessIcons(ctx context.Context, p *subject) error {
	return p.each(ctx, nil, func(_ *wire.Descriptor, t *wire.Target) error {
		if found := active().Find(t.GetIconSvg()); found != nil {
			return fmt.Errorf("the icon of %s has %q", t.GetId(), found)
		}
		return nil
	})
}

// eachLink does f for each target that gives an address.
func (p *subject) eachLink(ctx context.Context, f func(*wire.Descriptor, *wire.Target) error) error {
	return p.each(ctx, isLink, f)
}

// each does f for the targets that are so, or for all.
func (p *subject) each(ctx context.Context, so func(*wire.Target) bool, f func(*wire.Descriptor, *wire.Target) error) error {
	d, err := p.describe(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for _, t := range d.GetTargets() {
		if so == nil || so(t) {
			faults = append(faults, f(d, t))
		}
	}
	return errors.Join(faults...)
}
