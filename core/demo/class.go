package demo

import (
	"embed"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
)

//go:embed drawings
var drawings embed.FS

// class is something that an issuer gives a badge for.
type class struct {
	slug, issuer      string
	name, description string
	criteria          string // Markdown
	language          string // "" is English
	kind              string // achievementType (OB3 §B.4)
	tags              []string
	alignments        []openbadge.Alignment
	months            int      // a badge of it expires after that many months; 0: never
	spec              art.Spec // of the art, where drawing is ""
	drawing           string   // SVG file among the drawings
	gone              bool     // it was published on a server that is there no more

	image []byte // PNG, or SVG for a drawing
}

// path is where people read about the class; the same with .json is for machines.
func (k *class) path() string { return "/demo/issuers/" + k.issuer + "/classes/" + k.slug }

func (k *class) imagePath() string {
	if k.drawing != "" {
		return k.path() + ".svg"
	}
	return k.path() + ".png"
}

// makeClasses draws the art of all classes.
func (c *Community) makeClasses() error {
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, k := range catalogue() {
		c.classes[k.slug] = k
		g.Go(k.draw)
	}
	return g.Wait()
}

func (k *class) draw() (err error) {
	if k.drawing != "" {
		k.image, err = drawings.ReadFile("drawings/" + k.drawing)
	} else {
		k.image, err = art.Badge(k.spec)
	}
	if err != nil {
		return fmt.Errorf("draw %s: %w", k.slug, err)
	}
	return nil
}

// publishClasses writes the art and the machine-readable form of each class.
func (c *Community) publishClasses() error {
	for _, k := range c.classes {
		mime := typePNG
		if k.drawing != "" {
			mime = typeSVG
		}
		c.files.put(c.site+k.imagePath(), mime, k.image)
		body, err := issue.JSON(c.classDocument(k))
		if err != nil {
			return fmt.Errorf("publish %s: %w", k.slug, err)
		}
		if !k.gone {
			c.files.put(c.site+k.path()+".json", typeJSON, body)
		}
	}
	return nil
}

// classDocument is a BadgeClass (OB2 §BadgeClass) or an Achievement (OB3 §B.4).
func (c *Community) classDocument(k *class) map[string]any {
	b := c.classCredential(k)
	if k.issuer == makers {
		return issue.Class2(b)
	}
	whole := issue.Credential3(b)
	subject, _ := whole["credentialSubject"].(map[string]any)
	doc, _ := subject["achievement"].(map[string]any)
	doc["@context"] = whole["@context"]
	return doc
}
