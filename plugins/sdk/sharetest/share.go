package sharetest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

const (
	instance   = "instance.example"
	maxAddress = 8000          // bytes
	maxMemory  = 64 << 10      // kB
	moreMemory = 3 * maxMemory // of what runs in an interpreter
	manyCalls  = 1000
)

// sample is a badge as the passport describes it.
func sample() *wire.Item {
	return &wire.Item{
		Type: wire.ItemType_ITEM_TYPE_BADGE, Url: "https://passport.example/b/7KxQ2m?a=1&b=2", Title: "Basket weaving",
		Description: "Weaves a basket that holds.", Lang: "en", ImageUrl: "https://passport.example/b/7KxQ2m/card.png",
		IssuerName: "Weavers’ Guild", IssuerUrl: "https://guild.example/", CredentialId: "2026-0042",
		IssuedUnix: 1772323200, ExpiresUnix: 1835395200, Tags: []string{"craft", "willow"}, EarnerName: "Ada Weaver",
		IssuerIds: map[string]string{"linkedin": "1035"},
	}
}

// hostile is what people, or a form, can put into a text.
func hostile() []string {
	return []string{
		`"><script>alert(1)</script>`, "a\r\nSet-Cookie: x=y", "\u202egnp.exe", strings.Repeat("👩\u200d👩\u200d👧\u200d👦", 400),
		"C++ & é = 100 % #1 ?", "\x00\x07", strings.Repeat("long ", 2000), "{url} {{.}} %s %00 ../..", "",
	}
}

func leadsBack(ctx context.Context, p *subject) error {
	return p.eachShare(ctx, sample())
}

func encodes(ctx context.Context, p *subject) error {
	var faults []error
	for _, text := range hostile() {
		item := sample()
		item.Title, item.Description, item.IssuerName, item.EarnerName, item.CredentialId = text, text, text, text, text
		item.Tags = []string{text, text}
		if err := p.eachShare(ctx, item); err != nil {
			faults = append(faults, fmt.Errorf("with %q as every text: %w", sdk.Clip(text, 40, nil), err))
		}
	}
	return errors.Join(faults...)
}

// eachShare shares item to every link, as a type that it takes.
func (p *subject) eachShare(ctx context.Context, item *wire.Item) error {
	return p.eachLink(ctx, func(d *wire.Descriptor, t *wire.Target) error {
		typed := proto.CloneOf(item)
		if !slices.Contains(t.GetItems(), typed.GetType()) && len(t.GetItems()) > 0 {
			typed.Type = t.GetItems()[0]
		}
		address, err := p.share(ctx, t, typed)
		if r := (*refusal)(nil); errors.As(err, &r) {
			return nil // its right
		}
		if err == nil {
			err = check(address, d.GetHosts(), typed.GetUrl())
		}
		if err != nil {
			return fmt.Errorf("%s: %w", t.GetId(), err)
		}
		return nil
	})
}

// check holds an address against what the passport takes, and looks for the
// item's own address in it, whole.
func check(address string, hosts []string, item string) error {
	if len(address) > maxAddress {
		return fmt.Errorf("an address of %d bytes, at most %d are taken: cut each text that goes into it, tags too (in Go sdk.Clip with sdk.Escaped): %.200q", len(address), maxAddress, address)
	}
	if at := strings.IndexFunc(address, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }); at >= 0 {
		return fmt.Errorf("an address with a character that needs percent-encoding, at byte %d (in Go sdk.Link encodes): %.200q", at, address[max(0, at-100):])
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return fmt.Errorf("not an address: %.200q", address)
	case u.Scheme == "mailto":
	case u.Scheme != "https" || u.User != nil || u.Port() != "" || !slices.Contains(append(slices.Clone(hosts), instance), strings.ToLower(u.Host)):
		return fmt.Errorf("not https on one of its hosts: %.200q", address)
	}
	whole, err := url.QueryUnescape(u.RawQuery + u.Fragment)
	if err != nil || !strings.Contains(whole, item) {
		return fmt.Errorf("the badge's address is not in it: %.200q", address)
	}
	return nil
}

func sharesTheSame(ctx context.Context, p *subject) error {
	return p.eachLink(ctx, func(_ *wire.Descriptor, t *wire.Target) error {
		first, err := p.share(ctx, t, sample())
		if err != nil {
			return ownRight(err)
		}
		if again, err := p.share(ctx, t, sample()); err != nil || again != first {
			return fmt.Errorf("%s: %.200q, then %.200q (%w)", t.GetId(), first, again, err)
		}
		return nil
	})
}

func ownRight(err error) error {
	if r := (*refusal)(nil); errors.As(err, &r) {
		return nil
	}
	return err
}

// keepsApart asks for many items at once: each answer has its own item's address.
func keepsApart(ctx context.Context, p *subject) error {
	return p.eachLink(ctx, func(d *wire.Descriptor, t *wire.Target) error {
		var all sync.WaitGroup
		faults := make([]error, 32)
		for n := range faults {
			all.Go(func() {
				item := sample()
				item.Url = fmt.Sprintf("https://passport.example/b/number-%d-", n)
				address, err := p.share(ctx, t, item)
				if err == nil {
					err = check(address, d.GetHosts(), item.GetUrl())
				}
				faults[n] = ownRight(err)
			})
		}
		all.Wait()
		return errors.Join(faults...)
	})
}

func refusesUnknown(ctx context.Context, p *subject) error {
	_, err := p.share(ctx, &wire.Target{Id: "no-such-target"}, sample())
	if err == nil {
		return errors.New("it shared to a target that it does not have")
	}
	if c := status.Code(err); c == codes.Unavailable || c == codes.DeadlineExceeded {
		return err
	}
	_, err = p.describe(ctx)
	return err
}

// bearsNothing sends an empty item, and one of a type from the future. Any answer
// is right as long as there is one.
func bearsNothing(ctx context.Context, p *subject) error {
	return p.eachLink(ctx, func(_ *wire.Descriptor, t *wire.Target) error {
		for _, item := range []*wire.Item{{}, {Type: 99, Url: sample().GetUrl()}, nil} {
			_, err := p.share(ctx, t, item)
			if c := status.Code(err); c == codes.Unavailable || c == codes.DeadlineExceeded || c == codes.Internal {
				return fmt.Errorf("%s: %w", t.GetId(), err)
			}
		}
		return nil
	})
}

func staysSmall(ctx context.Context, p *subject) error {
	d, err := p.describe(ctx)
	if err != nil {
		return err
	}
	for range manyCalls {
		err := p.eachLink(ctx, func(_ *wire.Descriptor, t *wire.Target) error {
			_, err := p.share(ctx, t, sample())
			return ownRight(err)
		})
		for _, t := range d.GetTargets() {
			if previewed(t) {
				err = errors.Join(err, p.preview(ctx, d, t, "words"))
			}
		}
		if err != nil {
			return err
		}
	}
	most := maxMemory
	if p.plain {
		most = moreMemory
	}
	if kB, known := memory(p.cmd.Process.Pid, resident); known && kB > most {
		return fmt.Errorf("%d MB", kB>>10)
	}
	return nil
}

// What a process holds of its own, without its program, which all that run it share,
// and the most that it ever held.
const (
	resident = "RssAnon"
	peak     = "VmHWM"
)

// memory gives one of them, in kB, where the system tells (Linux).
func memory(pid int, which string) (int, bool) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	m := regexp.MustCompile(which + `:\s+(\d+) kB`).FindSubmatch(b)
	if err != nil || m == nil {
		return 0, false
	}
	kB, err := strconv.Atoi(string(m[1]))
	return kB, err == nil
}

// noNetwork looks at what the link targets did before.
func noNetwork(ctx context.Context, p *subject) error {
	p.remote.begin(-1, nil)
	before := len(p.world.Dialled())
	if err := p.eachShare(ctx, sample()); err != nil {
		return err
	}
	if dialled := p.world.Dialled()[before:]; len(dialled) > 0 {
		return fmt.Errorf("it connects to %v for an address", dialled)
	}
	return nil
}

func ends(_ context.Context, p *subject) error { return p.terminate(2 * time.Second) }
