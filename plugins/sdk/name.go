package sdk

import "strings"

// What ids and keys look like, for the words of a fault. They are read by hand: every
// plugin does so when it starts, and patterns would take longer to make than to use.
const (
	idForm  = "^[a-z][a-z0-9-]{0,31}$"
	keyForm = "^[a-z][a-z0-9_]{0,31}$"
)

// ValidID tells whether id may name a plugin or a target.
func ValidID(id string) bool { return begun(id, "-") }

// ValidHost tells whether name may be declared as a host: a full name whose last part
// is a word, which rules out IP addresses, ports, wildcards and names of the local
// network.
func ValidHost(name string) bool {
	labels := strings.Split(name, ".")
	last := labels[len(labels)-1]
	if len(name) > 253 || len(labels) < 2 || len(last) < 2 || !lower(last[0]) {
		return false
	}
	for _, l := range labels {
		if !only(l, 1, 63, func(c byte) bool { return lower(c) || digit(c) || c == '-' }) || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
	}
	return true
}

func validKey(key string) bool { return begun(key, "_") }

// validFailure tells whether key names the text of a failure: "failure.KEY".
func validFailure(key string) bool {
	name, ok := strings.CutPrefix(key, "failure.")
	return ok && begun(name, "-_")
}

// validLang tells whether lang is like en, pt-BR or zh-Hant-TW.
func validLang(lang string) bool {
	parts := strings.Split(lang, "-")
	if len(parts) > 4 || !only(parts[0], 2, 3, lower) {
		return false
	}
	for _, p := range parts[1:] {
		if !only(p, 2, 8, func(c byte) bool { return lower(c) || upper(c) || digit(c) }) {
			return false
		}
	}
	return true
}

func validCurrency(code string) bool { return only(code, 3, 3, upper) }

// validScope is a scope-token of RFC 6749 §3.3.
func validScope(s string) bool {
	return only(s, 1, 100, func(c byte) bool { return c > ' ' && c <= '~' && c != '"' && c != '\\' })
}

func validColour(s string) bool {
	hex, ok := strings.CutPrefix(s, "#")
	return ok && only(hex, 6, 6, func(c byte) bool { return digit(c) || c >= 'a' && c <= 'f' })
}

// begun tells whether s is a word of at most 32 small letters, digits and characters of
// more, the first a letter.
func begun(s, more string) bool {
	return only(s, 1, 32, func(c byte) bool { return lower(c) || digit(c) || strings.IndexByte(more, c) >= 0 }) && lower(s[0])
}

// only tells whether s has least to most characters, all of which ok takes.
func only(s string, least, most int, ok func(c byte) bool) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) bool { return c >= 'a' && c <= 'z' }
func upper(c byte) bool { return c >= 'A' && c <= 'Z' }
func digit(c byte) bool { return c >= '0' && c <= '9' }
