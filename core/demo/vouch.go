package demo

import (
	"context"
	"errors"
	"fmt"

	"github.com/osier-passport/osier/core/endorse"
)

// vouching is what somebody says about a badge that somebody else holds.
type vouching struct {
	who, holder, class string
	days               float64 // before now
	text               string
	skills             []string
	accepted           bool // else it waits for the holder
}

func vouchings() []vouching {
	return []vouching{
		{
			"maren", "teo", "bicycle-mechanic", 32.8,
			"I handed him the tandem that **nobody** would touch. It came back three Saturdays later and I have ridden it to work since.\n\nWhat I saw: he asks what the bicycle is for before he asks what is wrong with it.",
			[]string{"repair", "bicycle"},
			true,
		},
		{"callum", "teo", "bicycle-mechanic", 12.3, "Taught my grandson to true a wheel without once taking the spanner out of his hands.", []string{"volunteering"}, true},
		{"etienne", "callum", "beekeeping-year", 17.2, "C’est lui qui m’a appris à ne rien faire en février. Cela ne s’apprend nulle part ailleurs.", []string{"bees", "patience"}, true},
		{"teo", "maren", "reading-circle-host", 8.1, "I am not a reader. I have been to nine of these.", nil, false},
	}
}

// vouch has people endorse badges, and holders accept most of it.
func (s *story) vouch() []act {
	var acts []act
	for _, v := range vouchings() {
		acts = append(acts, act{v.days, func(ctx context.Context) error { return s.vouchOne(ctx, v) }})
	}
	return acts
}

func (s *story) vouchOne(ctx context.Context, v vouching) error {
	badge := ""
	for _, h := range s.held {
		if h.person == s.ids[v.holder] && h.class == s.classes[v.class] {
			badge = h.badge
		}
	}
	if badge == "" {
		return fmt.Errorf("%s endorses %s of %s, who does not hold it yet", v.who, v.class, v.holder)
	}
	err := s.Endorse.Write(ctx, s.ids[v.who], badge, endorse.Words{Body: v.text, Skills: v.skills})
	if err != nil || !v.accepted {
		return err
	}
	waiting, err := s.Endorse.Waiting(ctx, s.ids[v.holder])
	for _, e := range waiting {
		err = errors.Join(err, s.Endorse.Accept(ctx, s.ids[v.holder], e.PublicID))
	}
	return err
}
