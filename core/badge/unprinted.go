package badge

import (
	"strings"

	"github.com/osier-passport/osier/core/certificate"
)

// unprinted names the scripts whose letters a certificate of these texts leaves out,
// "" when it prints them all.
func unprinted(say func(key string, args ...any) string, texts ...string) string {
	var names []string
	for _, s := range certificate.Unprinted(texts...) {
		names = append(names, say("shelf.script."+string(s)))
	}
	return strings.Join(names, ", ")
}
