package demo

import (
	"fmt"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
)

// The issuers. Each proves its badges in another way.
const (
	college = "college" // OB 3.0, did:key: verifies without any network
	makers  = "makers"  // OB 2.0, hosted and signed under the site's own address
	rangers = "rangers" // OB 3.0, https with a published key set and a revocation list
)

const (
	rangerHost = "https://rangers.northfell.example"
	rangerKey  = "rangers-1"
)

// issuer is an organisation that gives badges.
type issuer struct {
	slug string
	openbadge.Issuer

	kind string // message key: what sort of place it is
	key  issue.Key
	// name of the key in proofs: a verification method, the address of a key
	// document, or a key id
	method string
}

// base is the address below which the issuer publishes.
func (c *Community) base(slug string) string { return c.site + "/demo/issuers/" + slug }

// makeIssuers makes the issuers with fresh keys.
func (c *Community) makeIssuers() error {
	ed, err := issue.NewEd25519()
	if err != nil {
		return err
	}
	c.issuers[college] = &issuer{
		slug: college, kind: "demo.kind.college", key: ed, method: ed.DIDKey() + "#" + ed.Multibase(),
		Issuer: openbadge.Issuer{
			ID: ed.DIDKey(), Name: "Saltmarsh College", URL: c.base(college), Email: "badges@saltmarsh.example",
			Description: "A small college by the estuary. Evening courses, day degrees, and a telescope on the roof.",
		},
	}
	for _, i := range []*issuer{
		{
			slug: makers, kind: "demo.kind.makers", method: c.base(makers) + "/keys/1.json",
			Issuer: openbadge.Issuer{
				ID: c.base(makers) + "/profile.json", Name: "Copperline Library & Workshop", URL: c.base(makers), Email: "desk@copperline.example",
				Description: "A public library with a workshop in its basement: books upstairs, lathes and looms downstairs, coffee in between.",
			},
		},
		{
			slug: rangers, kind: "demo.kind.rangers", method: rangerKey,
			Issuer: openbadge.Issuer{
				ID: rangerHost + "/issuer", Name: "Northfell National Park Rangers", URL: c.base(rangers), Email: "training@northfell.example",
				Description: "The ranger service of Northfell National Park trains volunteers for the paths, the water and the coast.",
			},
		},
	} {
		if i.key, err = issue.NewRSA(); err != nil {
			return err
		}
		c.issuers[i.slug] = i
	}
	return nil
}

// publish writes what verifiers and readers may ask the issuers for.
func (c *Community) publish() error {
	for _, step := range []func() error{c.publishMakers, c.publishRangers, c.publishCollege, c.publishClasses, c.publishAssertions, c.publishWelcome} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// publishMakers writes an OB 2.0 Profile with its key and its list of revoked
// badges (OB2 §Profile, §CryptographicKey, §RevocationList).
func (c *Community) publishMakers() error {
	i := c.issuers[makers]
	list := c.base(makers) + "/revoked.json"
	profile := issue.Profile2(i.Issuer, i.method)
	profile["revocationList"] = list
	return c.putAll(
		document{i.ID, func() ([]byte, error) { return issue.JSON(profile) }},
		document{i.method, func() ([]byte, error) { return i.key.CryptographicKey(i.method, i.ID) }},
		document{list, func() ([]byte, error) { return issue.RevocationList2(list, i.ID, nil) }},
	)
}

// publishRangers writes the key set at the place that OB3's recommended
// practices name, the issuer's own document, and the list of revoked badges.
// What stands under the rangers' host is also to be seen below /demo/issuers/.
func (c *Community) publishRangers() error {
	i := c.issuers[rangers]
	keys := map[string]issue.Key{rangerKey: i.key}
	set := func() ([]byte, error) { return issue.KeySet(i.ID, keys) }
	about := func() ([]byte, error) { return issue.ControllerDocument(i.ID, keys) }
	revoked := map[string]string{}
	for _, a := range c.awards {
		if a.revoked != "" {
			revoked[c.credential(a).ID] = a.revoked
		}
	}
	list := c.revocations()
	return c.putAll(
		document{rangerHost + "/.well-known/jwks.json", set},
		document{c.base(rangers) + "/jwks.json", set},
		document{i.ID, about},
		document{c.base(rangers) + "/issuer.json", about},
		document{list, func() ([]byte, error) { return issue.RevocationList3(list, i.ID, revoked) }},
	)
}

// revocations is the address of the rangers' list (VCRL 1.0).
func (c *Community) revocations() string { return c.base(rangers) + "/revoked.json" }

// publishCollege writes the DID document that the college's did:key stands for.
// Nobody needs it to verify: the key is in the name.
func (c *Community) publishCollege() error {
	i := c.issuers[college]
	return c.putAll(document{c.base(college) + "/issuer.json", func() ([]byte, error) {
		return issue.ControllerDocument(i.ID, map[string]issue.Key{i.key.Multibase(): i.key})
	}})
}

// publishAssertions writes the hosted badges, and that the old badge server of
// the library answers no more.
func (c *Community) publishAssertions() error {
	for _, a := range c.awards {
		if a.form != hosted {
			continue
		}
		b := c.credential(a)
		if c.classes[a.class].gone {
			c.files.missing(b.ID)
			continue
		}
		if err := c.host(b); err != nil {
			return err
		}
	}
	return nil
}

// host publishes a hosted badge at its address.
func (c *Community) host(b openbadge.Credential) error {
	h, err := issue.Hosted2(b)
	if err != nil {
		return fmt.Errorf("host %s: %w", b.ID, err)
	}
	c.files.put(b.ID, typeJSON, h.Assertion)
	return nil
}
