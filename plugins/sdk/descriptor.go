package sdk

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Bounds of a descriptor. The host applies the same.
const (
	MaxTargets = 32
	MaxHosts   = 32
	MaxIcon    = 8 << 10 // bytes
	MaxLabel   = 80      // characters
)

var (
	idPattern   = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	langPattern = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)
	// hostPattern is a full name whose last part is a word, which rules out IP
	// addresses, ports, wildcards and names of the local network.
	hostPattern = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`)
	itemTypes   = []ItemType{ItemBadge, ItemPage, ItemProfile}
)

// ValidID tells whether id may name a plugin or a target.
func ValidID(id string) bool { return idPattern.MatchString(id) }

// Descriptor puts manifest and Go fields together and checks the whole. The
// error names every fault that the author has to mend.
func (p Plugin) Descriptor() (Descriptor, error) {
	var m Manifest
	if p.Manifest != nil {
		var err error
		if m, err = ParseManifest(p.Manifest); err != nil {
			return Descriptor{}, err
		}
	}
	d := m.Descriptor()
	d.ID, d.Version, d.Name = first(p.ID, d.ID), first(p.Version, d.Version), merge(d.Name, p.Name)
	if p.Hosts != nil {
		d.Hosts = slices.Clone(p.Hosts)
	}
	var faults []error
	for n, t := range p.Targets {
		d.Targets = put(t, d.Targets)
		if slices.ContainsFunc(p.Targets[:n], func(before Target) bool { return before.ID == t.ID }) {
			faults = append(faults, fmt.Errorf("target id %q is taken", t.ID))
		}
		if t.URL == nil {
			faults = append(faults, fmt.Errorf("target %q has no URL function", t.ID))
		}
	}
	for i := range d.Targets {
		d.Targets[i].Icon = first(d.Targets[i].Icon, string(p.Icon))
	}
	faults = append(faults, m.checkKeys(), d.Check(), p.checkMakers(m, d.Hosts))
	if err := errors.Join(faults...); err != nil {
		return Descriptor{}, err
	}
	return d, nil
}

// put lays a target of Go on top of the one that the manifest has of it.
func put(t Target, targets []TargetInfo) []TargetInfo {
	at := slices.IndexFunc(targets, func(i TargetInfo) bool { return i.ID == t.ID })
	if at < 0 {
		at = len(targets)
		targets = append(targets, TargetInfo{ID: t.ID, Kind: KindLink, Items: []ItemType{ItemBadge}, Purpose: PurposePost})
	}
	i := &targets[at]
	i.Kind, i.Service, i.Icon = first(t.Kind, i.Kind), first(t.Service, i.Service), first(string(t.Icon), i.Icon)
	i.Purpose, i.Labels = first(t.Purpose, i.Purpose), merge(i.Labels, t.Labels)
	i.NeedsInstance, i.Off = i.NeedsInstance || t.NeedsInstance, i.Off || t.Off
	if t.Items != nil {
		i.Items = slices.Clone(t.Items)
	}
	return targets
}

// checkMakers finds targets whose address nobody makes, and addresses with
// variables that cannot be.
func (p Plugin) checkMakers(m Manifest, hosts []string) error {
	var faults []error
	for _, t := range m.Targets {
		inGo := slices.ContainsFunc(p.Targets, func(g Target) bool { return g.ID == t.ID })
		switch {
		case t.URL != "" && inGo:
			faults = append(faults, fmt.Errorf("target %q has its address in Go and in the manifest", t.ID))
		case t.URL != "":
			faults = append(faults, t.check(hosts))
		case !inGo:
			faults = append(faults, fmt.Errorf("target %q of the manifest has neither a url nor a Target in Go", t.ID))
		}
	}
	return errors.Join(faults...)
}

// ValidHost tells whether name is a full lower-case host name, as an answered
// address and an instance have: no IP address, no port, nothing local.
func ValidHost(name string) bool { return len(name) <= 253 && hostPattern.MatchString(name) }

// Check tells what is wrong with d, all faults at once.
func (d Descriptor) Check() error {
	var faults []error
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if !idPattern.MatchString(d.ID) {
		bad("id %q does not match %s", d.ID, idPattern)
	}
	if d.Version == "" || len(d.Version) > 64 || strings.ContainsFunc(d.Version, notPrintableASCII) {
		bad("version %q is empty, longer than 64 or not plain", d.Version)
	}
	if len(d.Hosts) == 0 && slices.ContainsFunc(d.Targets, TargetInfo.needsHost) || len(d.Hosts) > MaxHosts {
		bad("hosts: 1 to %d are needed, got %d", MaxHosts, len(d.Hosts))
	}
	for _, h := range d.Hosts {
		if !ValidHost(h) {
			bad("host %q is not a full lower-case host name", h)
		}
	}
	if len(d.Targets) == 0 || len(d.Targets) > MaxTargets {
		bad("targets: 1 to %d are needed, got %d", MaxTargets, len(d.Targets))
	}
	faults = append(faults, checkTexts("name", d.Name))
	seen := map[string]bool{"name": true}
	for _, t := range d.Targets {
		if seen[t.ID] {
			bad("target id %q is taken", t.ID)
		}
		seen[t.ID] = true
		faults = append(faults, t.check())
	}
	return errors.Join(faults...)
}

// needsHost tells whether t's address is on a host that the plugin names.
func (t TargetInfo) needsHost() bool { return !t.NeedsInstance }

func (t TargetInfo) check() error {
	var faults []error
	if !idPattern.MatchString(t.ID) {
		faults = append(faults, fmt.Errorf("target id %q does not match %s", t.ID, idPattern))
	}
	if t.Kind != KindLink {
		faults = append(faults, fmt.Errorf("target %q: kind %q is not known", t.ID, t.Kind))
	}
	if !slices.Contains([]Purpose{PurposePost, PurposeSend, PurposeProfile}, t.Purpose) {
		faults = append(faults, fmt.Errorf("target %q: purpose %q is not known", t.ID, t.Purpose))
	}
	for _, i := range t.Items {
		if !slices.Contains(itemTypes, i) {
			faults = append(faults, fmt.Errorf("target %q: item type %q is not known", t.ID, i))
		}
	}
	if t.Service != Plain(t.Service) || len([]rune(t.Service)) > MaxLabel {
		faults = append(faults, fmt.Errorf("target %q: service %q is longer than %d characters or not plain", t.ID, t.Service, MaxLabel))
	}
	if len(t.Icon) > MaxIcon {
		faults = append(faults, fmt.Errorf("target %q: icon of %d bytes, at most %d", t.ID, len(t.Icon), MaxIcon))
	}
	return errors.Join(append(faults, checkTexts(t.ID, t.Labels))...)
}

func checkTexts(what string, texts map[string]string) error {
	if texts["en"] == "" {
		return fmt.Errorf("text %q is missing in English", what)
	}
	for lang, text := range texts {
		if !langPattern.MatchString(lang) {
			return fmt.Errorf("text %q: %q is not a language", what, lang)
		}
		if text == "" || len([]rune(text)) > MaxLabel || text != Plain(text) {
			return fmt.Errorf("text %q in %q is empty, longer than %d characters or not plain", what, lang, MaxLabel)
		}
	}
	return nil
}

func first[T ~string](values ...T) T {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// merge gives over on top of under, or nil when both are empty.
func merge(under, over map[string]string) map[string]string {
	all := maps.Clone(under)
	if all == nil {
		return maps.Clone(over)
	}
	maps.Copy(all, over)
	return all
}

func notPrintableASCII(r rune) bool { return r <= ' ' || r > '~' }
