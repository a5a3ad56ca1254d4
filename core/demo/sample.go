package demo

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
)

// sample is a badge file for newcomers to try "Add a badge" with. It is issued
// to whoever is signed in, at the moment it is asked for; the same sample for
// the same person is the same credential each time.
type sample struct {
	file, class string
	text        string // message key: what is to be learned from it
	form        form
	in          bake.Carrier
	changed     bool   // after it was signed
	to          string // somebody else's address; "" is the viewer's own
}

// samples all come from the college, whose badges verify without a network.
func samples() []sample {
	return []sample{
		{file: "open-day.png", text: "demo.sample.png", class: "open-day", form: vc2, in: png},
		{file: "night-walk.svg", text: "demo.sample.svg", class: "night-walk", form: token, in: svg},
		{file: "quiz-evening.json", text: "demo.sample.json", class: "quiz-evening", form: vc1, in: text},
		{file: "repair-hour.jwt", text: "demo.sample.jwt", class: "repair-hour", form: token, in: text},
		{file: "changed-afterwards.json", text: "demo.sample.changed", class: "quiz-evening", form: vc2, in: text, changed: true},
		{file: "for-somebody-else.png", text: "demo.sample.stranger", class: "open-day", form: vc2, in: png, to: "rosa@harbour.example"},
	}
}

// sampleFile issues a sample to an address.
func (c *Community) sampleFile(ctx context.Context, s sample, address string) ([]byte, error) {
	k := c.classes[s.class]
	b := c.classCredential(k)
	to := recipient{address: address}
	if s.to != "" {
		to = recipient{address: s.to, plain: true}
	}
	name := "sample/" + s.file + "/" + address
	b.ID, b.VCVersion = urn(name), "2.0"
	if s.form == vc1 {
		b.VCVersion = "1.1"
	}
	b.IssuedOn = c.started.Add(-50 * time.Hour)
	b.Recipient.Identities = []openbadge.Identity{to.identity(number("salt/" + name))}
	data, err := c.file(ctx, b, s.form, s.in, k)
	if err != nil {
		return nil, fmt.Errorf("make sample %s: %w", s.file, err)
	}
	if s.changed {
		data = bytes.ReplaceAll(data, []byte(b.Name), []byte("Professor of everything"))
	}
	return data, nil
}

// welcome is the class of the badge that each of the people can fetch by its
// address: a hosted one, for the field "address of a badge".
const welcome = "welcome"

// welcomeURL is where the welcome badge of one of the people is hosted.
func (c *Community) welcomeURL(handle string) string {
	return c.base(makers) + "/assertions/welcome-" + handle + ".json"
}

func (c *Community) publishWelcome() error {
	for _, r := range residents() {
		b := c.classCredential(c.classes[welcome])
		b.ID = c.welcomeURL(r.handle)
		b.IssuedOn = c.started.Add(-26 * time.Hour)
		b.Recipient.Identities = []openbadge.Identity{recipient{address: r.address()}.identity(number("salt/" + b.ID))}
		if err := c.host(b); err != nil {
			return err
		}
	}
	return nil
}

// sampleClasses are the classes of the samples: nobody holds a badge of them yet.
func sampleClasses() []*class {
	return []*class{
		{
			slug: "open-day", issuer: college, kind: "Badge", name: "Open day guest",
			description: "Came to the open day, asked a question in a room full of strangers and stayed for the soup.",
			criteria:    "One question, one bowl of soup.",
			tags:        []string{"community"},
			spec:        art.Spec{Shape: "rosette", Palette: "orange", Icon: "star", Pattern: "rings"},
		},
		{
			slug: "night-walk", issuer: college, kind: "Badge", name: "Night walk to the estuary",
			description: "Walked to the estuary after dark, with the astronomy group in front and the biscuits at the back.",
			criteria:    "Seven kilometres, no torch for the last one.",
			tags:        []string{"astronomy", "walking"},
			drawing:     "night-sky.svg",
		},
		{
			slug: "quiz-evening", issuer: college, kind: "Badge", name: "Quiz evening, third place",
			description: "Third place at the quiz evening of the college library. The second place is still disputed.",
			criteria:    "Be right often enough, and gracious about the rest.",
			tags:        []string{"quiz"},
			spec:        art.Spec{Shape: "medal", Palette: "cocoa", Icon: "trophy", Pattern: "rays"},
		},
		{
			slug: "repair-hour", issuer: college, kind: "Badge", name: "Repair hour helper",
			description: "Helped at the student repair hour: one lamp, one zip, one very old radio.",
			criteria:    "One hour at the bench, and the tools back where they were.",
			tags:        []string{"repair"},
			drawing:     "solder.svg",
		},
		{
			slug: welcome, issuer: makers, name: "Library card, first week",
			description: "Has a library card and has found the stairs to the workshop.",
			criteria:    "Say hello at the desk.",
			tags:        []string{"community"},
			spec:        art.Spec{Shape: "pennant", Palette: "olive", Icon: "key", Pattern: "stripe"},
		},
	}
}
