package sdk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

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
// The file is embedded in the binary, and may be shipped beside it
// (plugins/ID/plugin.yaml and the binary), so that the host and its
// administrator know the hosts before anything runs.
type Manifest struct {
	ID      string                       `yaml:"id"`
	Version string                       `yaml:"version"`
	Binary  string                       `yaml:"binary"` // name of the file beside plugin.yaml; empty means the id
	Hosts   []string                     `yaml:"hosts"`
	Targets []ManifestTarget             `yaml:"targets"`
	I18n    map[string]map[string]string `yaml:"i18n"` // language, then "name" or a target's id
}

// ManifestTarget is one target of a manifest.
type ManifestTarget struct {
	ID    string     `yaml:"id"`
	Kind  Kind       `yaml:"kind"`
	Items []ItemType `yaml:"items"`
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

func (m Manifest) texts(key string) map[string]string {
	texts := map[string]string{}
	for lang, byKey := range m.I18n {
		if text := byKey[key]; text != "" {
			texts[lang] = text
		}
	}
	return texts
}

// checkKeys finds texts that belong to nothing, which is how a typing mistake in
// a target's id shows.
func (m Manifest) checkKeys() error {
	var faults []error
	for lang, byKey := range m.I18n {
		for key := range byKey {
			named := slices.ContainsFunc(m.Targets, func(t ManifestTarget) bool { return t.ID == key })
			if key != "name" && !named {
				faults = append(faults, fmt.Errorf("i18n.%s.%s: no target has this id", lang, key))
			}
		}
	}
	return errors.Join(faults...)
}
