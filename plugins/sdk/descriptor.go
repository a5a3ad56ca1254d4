package sdk

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Bounds of a descriptor. The host applies the same.
const (
	MaxTargets = 32
	MaxHosts   = 32
	MaxIcon    = 8 << 10 // bytes
	MaxLabel   = 80      // characters

	maxIdempotent = 30 * 24 * time.Hour
)

var (
	itemTypes = []ItemType{ItemBadge, ItemPage, ItemProfile}
	kinds     = []Kind{KindLink, KindAccount, KindDirect}
)

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
	p.putOver(&d)
	var faults []error
	for n, t := range p.Targets {
		d.Targets = put(t, d.Targets)
		if slices.ContainsFunc(p.Targets[:n], func(before Target) bool { return before.ID == t.ID }) {
			faults = append(faults, fmt.Errorf("target id %q is taken", t.ID))
		}
	}
	for i := range d.Targets {
		d.Targets[i].Icon = first(d.Targets[i].Icon, string(p.Icon))
	}
	faults = append(faults, d.checkKeys(), d.Check(), p.checkMakers(m, d))
	if err := errors.Join(faults...); err != nil {
		return Descriptor{}, err
	}
	return d, nil
}

// putOver lays what p says in Go about the whole plugin on top of d.
func (p Plugin) putOver(d *Descriptor) {
	if p.Hosts != nil {
		d.Hosts = slices.Clone(p.Hosts)
	}
	if p.Egress != nil {
		d.Egress = slices.Clone(p.Egress)
	}
	if p.Settings != nil {
		d.Settings = withTypes(p.Settings)
	}
	for lang, texts := range p.Texts {
		if d.Texts == nil {
			d.Texts = map[string]map[string]string{}
		}
		d.Texts[lang] = merge(d.Texts[lang], texts)
	}
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
	targets[at] = t.withCalls(*i)
	return targets
}

// withCalls gives i with what t says about accounts and messages on top.
func (t Target) withCalls(i TargetInfo) TargetInfo {
	if t.OAuth != nil {
		i.OAuth = t.OAuth.clone()
	}
	if t.Connect != nil {
		i.Connect = withTypes(t.Connect)
	}
	if t.Options != nil {
		i.Options = withTypes(t.Options)
	}
	if t.Limits != (Limits{}) {
		i.Limits = t.Limits
	}
	if t.Idempotent != 0 {
		i.Idempotent = t.Idempotent
	}
	if i.Kind != KindLink {
		i.Limits.Count = first(i.Limits.Count, CountRune)
	}
	i.ByMail = i.ByMail || t.ByMail
	i.Retract, i.Resume = i.Retract || t.Retract != nil, i.Resume || t.Resume != nil
	return i
}

// checkMakers finds targets that nobody makes, and addresses with variables that
// cannot be.
func (p Plugin) checkMakers(m Manifest, d Descriptor) error {
	var faults []error
	for _, t := range m.Targets {
		inGo := slices.ContainsFunc(p.Targets, func(g Target) bool { return g.ID == t.ID })
		switch {
		case t.URL != "" && inGo:
			faults = append(faults, fmt.Errorf("target %q has its address in Go and in the manifest", t.ID))
		case t.URL != "":
			faults = append(faults, t.check(d.Hosts))
		case !inGo && !t.ByMail:
			faults = append(faults, fmt.Errorf("target %q of the manifest has neither a url nor a Target in Go", t.ID))
		}
	}
	for _, t := range p.Targets {
		if at := slices.IndexFunc(d.Targets, func(i TargetInfo) bool { return i.ID == t.ID }); at >= 0 {
			faults = append(faults, t.checkCalls(d.Targets[at]))
		}
	}
	return errors.Join(faults...)
}

// checkCalls tells which functions t lacks, or has for nothing, as what info says it is.
func (t Target) checkCalls(info TargetInfo) error {
	var faults []error
	want := func(name string, has, needed, allowed bool) {
		switch {
		case needed && !has:
			faults = append(faults, fmt.Errorf("target %q has no %s function", t.ID, name))
		case has && !allowed:
			faults = append(faults, fmt.Errorf("target %q of kind %s has a %s function that is never called", t.ID, info.Kind, name))
		}
	}
	link, posts := info.Kind == KindLink, info.Kind != KindLink && !info.ByMail
	provision := info.OAuth != nil && info.OAuth.Provision
	want("URL", t.URL != nil, link, link)
	want("Post", t.Post != nil, posts, posts)
	want("Identify", t.Identify != nil, info.Kind == KindAccount, posts)
	want("Retract", t.Retract != nil, info.Retract, posts)
	want("Resume", t.Resume != nil, info.Resume, posts)
	want("Disconnect", t.Disconnect != nil, false, posts)
	want("Provision", t.Provision != nil, provision, provision)
	want("Text", t.Text != nil, false, !link)
	want("Subject", t.Subject != nil, false, info.ByMail)
	return errors.Join(faults...)
}

// Check tells what is wrong with d, all faults at once.
func (d Descriptor) Check() error {
	var faults []error
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if !ValidID(d.ID) {
		bad("id %q does not match %s", d.ID, idForm)
	}
	if d.Version == "" || len(d.Version) > 64 || strings.ContainsFunc(d.Version, notPrintableASCII) {
		bad("version %q is empty, longer than 64 or not plain", d.Version)
	}
	if len(d.Hosts) == 0 && slices.ContainsFunc(d.Targets, TargetInfo.needsHost) || len(d.Hosts) > MaxHosts {
		bad("hosts: 1 to %d are needed, got %d", MaxHosts, len(d.Hosts))
	}
	for _, h := range append(slices.Clone(d.Hosts), d.Egress...) {
		if !ValidHost(h) {
			bad("host %q is not a full lower-case host name", h)
		}
	}
	if len(d.Egress) > MaxHosts {
		bad("egress: at most %d hosts, got %d", MaxHosts, len(d.Egress))
	}
	if len(d.Targets) == 0 || len(d.Targets) > MaxTargets {
		bad("targets: 1 to %d are needed, got %d", MaxTargets, len(d.Targets))
	}
	faults = append(faults, checkLabels("name", d.Name), d.checkTexts(), checkFields("settings", d.Settings))
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
func (t TargetInfo) needsHost() bool { return t.Kind == KindLink && !t.NeedsInstance }

func (t TargetInfo) check() error {
	var faults []error
	if !ValidID(t.ID) {
		faults = append(faults, fmt.Errorf("target id %q does not match %s", t.ID, idForm))
	}
	if !slices.Contains(kinds, t.Kind) {
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
	if err := t.checkGrant(); err != nil {
		faults = append(faults, fmt.Errorf("target %q: %w", t.ID, err))
	}
	return errors.Join(append(faults, checkLabels(t.ID, t.Labels))...)
}

// checkGrant tells what does not go together in what t needs to act for a person.
func (t TargetInfo) checkGrant() error {
	var faults []error
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	asks := t.OAuth != nil || len(t.Connect) > 0
	switch {
	case t.Kind == KindLink && (asks || len(t.Options) > 0 || t.ByMail || t.Retract || t.Resume || t.Idempotent != 0):
		bad("a link has no account, options, mail, retracting, resuming or idempotency")
	case t.Kind == KindAccount && (t.OAuth != nil) == (len(t.Connect) > 0):
		bad("an account has either oauth or connect")
	case t.Kind != KindAccount && t.OAuth != nil, t.Kind != KindDirect && t.ByMail:
		bad("oauth is for an account, by_mail for a direct target")
	case t.ByMail && (asks || !slices.ContainsFunc(t.Options, func(f Field) bool { return f.Key == "to" && f.Type == FieldEmail })):
		bad(`by_mail connects to nothing and has an option "to" of type email`)
	}
	if t.Idempotent < 0 || t.Idempotent > maxIdempotent || t.Idempotent%time.Second != 0 {
		bad("idempotent is not in whole seconds up to %v", maxIdempotent)
	}
	if t.OAuth != nil {
		faults = append(faults, t.OAuth.check(t))
	}
	faults = append(faults, checkFields("connect", t.Connect), checkFields("options", t.Options))
	if t.Kind != KindLink {
		faults = append(faults, t.Limits.check())
	}
	return errors.Join(faults...)
}

func checkLabels(what string, texts map[string]string) error {
	if texts["en"] == "" {
		return fmt.Errorf("text %q is missing in English", what)
	}
	for lang, text := range texts {
		if !validLang(lang) {
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
