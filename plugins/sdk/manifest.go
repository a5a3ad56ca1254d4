package sdk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// MaxManifest bounds plugin.yaml, in bytes.
const MaxManifest = 64 << 10

// Manifest is plugin.yaml:
//
//	id: linkedin
//	version: 0.1.0
//	hosts: [www.linkedin.com]
//	targets:
//	  - {id: post, kind: link, items: [badge, page, profile]}
//	i18n:
//	  en: {name: LinkedIn, post: Share as a post}
//	  fr: {name: LinkedIn, post: Partager dans une publication}
//
// A target that has an address with variables needs no Go at all, see [ManifestTarget].
//
// The file is embedded in the binary, and may be shipped beside it
// (plugins/ID/plugin.yaml and the binary), so that the host and its
// administrator know the hosts before anything runs.
type Manifest struct {
	ID      string                       `yaml:"id"`
	Version string                       `yaml:"version"`
	Binary  string                       `yaml:"binary"`  // name of the file beside plugin.yaml; empty means the id
	Runtime Runtime                      `yaml:"runtime"` // what runs it; empty means go
	Entry   []string                     `yaml:"entry"`   // what starts it, when the runtime is not go: [node, main.js]
	Hosts   []string                     `yaml:"hosts"`
	Targets []ManifestTarget             `yaml:"targets"`
	I18n    map[string]map[string]string `yaml:"i18n"` // language, then "name", a target's id or a key of Plugin.Texts

	Icon     string   `yaml:"icon"` // SVG for the targets that have none
	Settings []Field  `yaml:"settings"`
	Egress   []string `yaml:"egress"`
	// Anywhere says that the plugin connects by itself, to whatever it wants and not by
	// the passport's proxy. Administrators are told.
	Anywhere bool `yaml:"anywhere"`
}

// ManifestTarget is one target of a manifest. With a URL it is complete:
//
//	{id: post, url: "https://social.example/share?text={text_url}", max: 300}
//
// Variables are {url}, {title}, {description}, {issuer}, {tags} (with commas),
// {image_url}, {lang}, {text} (the person's words, else title and issuer),
// {text_url} (those words and the address, together of at most Max characters,
// of which the address is whole) and {instance}. All are percent-encoded.
type ManifestTarget struct {
	ID       string     `yaml:"id"`
	Kind     Kind       `yaml:"kind"`
	Items    []ItemType `yaml:"items"`
	Purpose  Purpose    `yaml:"purpose"`  // post, send or profile; empty means post
	Service  string     `yaml:"service"`  // whose target it is, when it is not the plugin's name
	Colour   string     `yaml:"colour"`   // of the service, "#rrggbb": makes an icon of its first letter
	URL      string     `yaml:"url"`      // address with variables; empty means that Go makes it
	Max      int        `yaml:"max"`      // characters of {text} and {text_url}; 0 means as many as an address holds
	Instance bool       `yaml:"instance"` // the person names a server, {instance}
	Off      bool       `yaml:"off"`      // offered only after an administrator switched it on

	// What follows is for kind account and direct, see the fields of [Target].

	OAuth      *OAuth        `yaml:"oauth"`
	Connect    []Field       `yaml:"connect"`
	Options    []Field       `yaml:"options"`
	Limits     Limits        `yaml:"limits"`
	Idempotent time.Duration `yaml:"idempotent"` // such as 1h
	Retract    bool          `yaml:"retract"`
	Resume     bool          `yaml:"resume"`
	ByMail     bool          `yaml:"by_mail"`
}

// ParseManifest reads plugin.yaml strictly: a key that it does not know is an
// error that names it. Values are checked by [Plugin.Descriptor].
func ParseManifest(data []byte) (Manifest, error) {
	if len(data) > MaxManifest {
		return Manifest{}, fmt.Errorf("plugin.yaml: %d bytes, at most %d", len(data), MaxManifest)
	}
	var m Manifest
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&m); err != nil {
		return Manifest{}, fmt.Errorf("plugin.yaml: %w", err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return Manifest{}, errors.New("plugin.yaml: more than one document")
	}
	return m, nil
}

// Descriptor gives what the manifest says that the plugin offers, not checked.
// Kind and items that are not said are those of a link that takes badges.
func (m Manifest) Descriptor() Descriptor {
	d := Descriptor{
		ID: m.ID, Version: m.Version, Name: m.texts("name"), Hosts: slices.Clone(m.Hosts),
		Settings: withTypes(m.Settings), Egress: slices.Clone(m.Egress), Texts: m.otherTexts(),
	}
	for _, t := range m.Targets {
		info := TargetInfo{
			ID: t.ID, Kind: first(t.Kind, KindLink), Items: slices.Clone(t.Items), Labels: m.texts(t.ID),
			Purpose: first(t.Purpose, PurposePost), Service: t.Service, NeedsInstance: t.Instance, Off: t.Off, Icon: first(t.icon(), m.Icon),
			OAuth: t.OAuth.clone(), Connect: withTypes(t.Connect), Options: withTypes(t.Options), Limits: t.Limits,
			Idempotent: t.Idempotent, Retract: t.Retract, Resume: t.Resume, ByMail: t.ByMail,
		}
		if info.Kind != KindLink {
			info.Limits.Count = first(info.Limits.Count, CountRune)
		}
		if len(info.Items) == 0 {
			info.Items = []ItemType{ItemBadge}
		}
		d.Targets = append(d.Targets, info)
	}
	return d
}

// Complete tells whether every target has its address written down, so that the
// manifest alone is a plugin.
func (m Manifest) Complete() bool {
	return len(m.Targets) > 0 && !slices.ContainsFunc(m.Targets, func(t ManifestTarget) bool { return t.URL == "" })
}

func (m Manifest) texts(key string) map[string]string {
	texts := map[string]string{}
	for lang, byKey := range m.I18n {
		if text := byKey[key]; text != "" {
			texts[lang] = text
		}
	}
	return texts
}

// otherTexts gives the texts beside the name and the labels; nil when there are none.
func (m Manifest) otherTexts() map[string]map[string]string {
	var all map[string]map[string]string
	for lang, byKey := range m.I18n {
		for key, text := range byKey {
			if key == "name" || slices.ContainsFunc(m.Targets, func(t ManifestTarget) bool { return t.ID == key }) {
				continue
			}
			if all == nil {
				all = map[string]map[string]string{}
			}
			if all[lang] == nil {
				all[lang] = map[string]string{}
			}
			all[lang][key] = text
		}
	}
	return all
}
