package account

import (
	"slices"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/fault"
)

const (
	handleMin = 2
	handleMax = 30
)

// reservedRoutes are words that the addresses of this site, of its files or of
// common software use.
var reservedRoutes = []string{
	"about", "account", "accounts", "add", "admin", "all", "anonymous", "api", "app", "assets", "atom", "auth",
	"aux", "badge", "badges", "blog", "callback", "class", "comment", "comments", "com1", "con", "config",
	"confirm", "connect", "debug", "default", "delete", "demo", "docs", "download", "edit", "embed", "everyone",
	"example", "explore", "export", "faq", "favicon", "feed", "file", "files", "follow", "followers", "following",
	"ftp", "gallery", "group", "groups", "guest", "health", "healthz", "here", "home", "host", "image", "images",
	"imap", "import", "inbox", "index", "invite", "issuer", "issuers", "job", "jobs", "json", "language", "legal",
	"link", "localhost", "login", "logout", "lpt1", "mail", "me", "media", "member", "members", "message",
	"messages", "metrics", "new", "nobody", "nodeinfo", "notification", "notifications", "nul", "null", "oauth",
	"oembed", "outbox", "page", "pages", "passport", "password", "people", "person", "plugin", "plugins", "pop3",
	"privacy", "private", "prn", "profile", "public", "register", "remove", "report", "reset", "robots", "rss",
	"search", "self", "server", "session", "sessions", "settings", "setup", "share", "signin", "signout", "signup",
	"site", "sitemap", "smtp", "source", "static", "status", "stream", "system", "tag", "tags", "terms", "test",
	"theme", "themes", "token", "tokens", "undefined", "upload", "url", "user", "username", "users", "verify",
	"web", "webfinger", "webhook", "well-known", "wiki", "www", "you",
}

// reservedRoles are names that speak for the site; what looks like one of them
// is refused too.
var reservedRoles = []string{
	"abuse", "admin", "administrator", "certmaster", "contact", "help", "helpdesk", "hostmaster", "info",
	"moderator", "moderation", "noreply", "official", "operator", "osier", "owner", "postmaster", "root",
	"security", "staff", "superuser", "support", "sysadmin", "team", "usenet", "webmaster",
}

// ParseHandle gives the stored form of a handle: 2 to 30 ASCII letters, digits,
// - and _, in lower case, beginning with a letter or digit. Its errors are
// faults whose key belongs to the field.
//
// Nothing else is let in, so that neither compatibility forms nor characters of
// other scripts can look like another person.
func ParseHandle(s string) (string, error) {
	if len(s) < handleMin || len(s) > handleMax {
		return "", fault.New(fault.Invalid, "account.error.handle.length")
	}
	h := make([]byte, 0, len(s))
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case (c == '-' || c == '_') && i > 0:
		default:
			return "", fault.New(fault.Invalid, "account.error.handle.form")
		}
		h = append(h, c)
	}
	handle := string(h)
	if isReserved(handle) {
		return "", fault.New(fault.Invalid, "account.error.handle.reserved")
	}
	return handle, nil
}

func isReserved(handle string) bool {
	bare := strings.NewReplacer("-", "", "_", "").Replace(handle)
	if slices.Contains(reservedRoutes, handle) || slices.Contains(reservedRoutes, bare) || bare == "" {
		return true
	}
	looks := skeleton(bare)
	return slices.ContainsFunc(reservedRoles, func(role string) bool { return skeleton(role) == looks })
}

// skeleton maps the letters and digits that look alike to one of them.
func skeleton(s string) string {
	return strings.NewReplacer(
		"rn", "m", "vv", "w", "0", "o", "1", "l", "i", "l", "|", "l", "3", "e", "4", "a", "5", "s", "7", "t", "8", "b",
	).Replace(s)
}

// alike maps what can look like another letter in a handle to it, as the confusable
// characters of Unicode do (UTS #39 §4) for the letters that a handle may have: 1, l
// and i, which is an l once a link is written with a capital I, 0 and o, rn and m,
// vv and w, _ and -. Digits that only stand for letters (4 for a) are no danger
// between people. Migration 0012 holds the same in SQL.
var alike = strings.NewReplacer("rn", "m", "vv", "w", "0", "o", "1", "l", "i", "l", "_", "-")

// handleSkeleton is the same for handles that look alike (UTS #39 §4).
func handleSkeleton(handle string) string { return alike.Replace(handle) }

// suggestHandle makes a handle out of a name or an address, "" when nothing of
// it can be used.
func suggestHandle(s string) string {
	s, _, _ = strings.Cut(s, "@")
	var b strings.Builder
	gap := false
	for _, r := range foldName(s) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		default:
			gap = true
		}
		if b.Len() >= handleMax-5 { // leaves room for a number
			break
		}
	}
	handle, err := ParseHandle(b.String())
	if err != nil {
		return ""
	}
	return handle
}

// numbered is a handle with a number behind it, from 2 on.
func numbered(base string, n int) string {
	if n == 1 {
		return base
	}
	return base + "-" + strconv.Itoa(n)
}
