package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

var (
	nameForm     = lazily(`^[a-z0-9][a-z0-9_-]{0,63}$`)
	languageForm = lazily(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	hostForm     = lazily(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
)

// lazily is a pattern that is compiled when it is first used.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// Validate checks every value and joins what is wrong, one sentence a key. Call
// it again after changing a loaded configuration.
func (c Config) Validate() error {
	return errors.Join(
		keyed("listen", checkListen(c.Listen)),
		keyed("public_url", checkPublicURL(c.PublicURL)),
		keyed("data", checkFilled(c.Data, "name the folder for the data, for example ./data")),
		keyed("database", checkDatabase(c.Database)),
		keyed("theme", checkForm(c.Theme, nameForm(), "write the name of a theme: lower-case letters, digits, - and _")),
		keyed("language", checkForm(c.Language, languageForm(), `write a language tag such as "en" or "fr"`)),
		keyed("log_level", checkOneOf(c.LogLevel, "debug", "info", "warn", "error")),
		keyed("trusted_proxies", checkProxies(c.TrustedProxies)),
		keyed("fetch.allow", checkAllow(c.Fetch.Allow)),
		keyed("fetch.hosts", checkHosts(c.Fetch.Hosts)),
		keyed("files.max_mb", checkMB(c.Files.MaxMB, maxFileMB)),
		keyed("files.quota_mb", checkMB(c.Files.QuotaMB, 100_000)),
		c.SMTP.validate(),
		keyed("sign_in.only", checkOnly(c.SignIn.Only, c.OIDC)),
		keyed("sign_in.role_days", checkDays(c.SignIn.RoleDays)),
		keyed("sign_up.allow", CheckAllowList(c.SignUp.Allow)),
		validateFields(c.SignUp.Fields),
		validateProviders(c.OIDC),
	)
}

// maxFileMB is the size in MB of the largest file that can be kept whole.
const maxFileMB = 15

func checkMB(n, most int) error {
	if n < 1 || n > most {
		return fmt.Errorf("%d is out of bounds; write a number of megabytes from 1 to %d", n, most)
	}
	return nil
}

func keyed(key string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("configuration: %s: %w", key, err)
}

func checkListen(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err != nil || !isPort(port, 0) {
		return fmt.Errorf(`%q is not an address to listen on; write host:port, for example "localhost:8080" or ":8080"`, s)
	}
	return nil
}

func isPort(s string, least int) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= least && n <= 65535 && strconv.Itoa(n) == s
}

func checkPublicURL(s string) error {
	if s == "" {
		return nil
	}
	const form = `write scheme and host only, for example "https://badges.example.org"`
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return fmt.Errorf("%q is not an absolute URL; %s", redactURL(s), form)
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%q begins with neither http:// nor https://; %s", redactURL(s), form)
	case u.User != nil:
		return fmt.Errorf("it holds a user name; %s", form)
	case u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery || strings.HasSuffix(s, "#"):
		return fmt.Errorf("%q holds more than scheme and host; %s (a passport is not served below a path)", s, form)
	}
	return nil
}

func checkFilled(s, what string) error {
	if strings.TrimSpace(s) == "" {
		return errors.New("it is empty; " + what)
	}
	return nil
}

func checkDatabase(s string) error {
	scheme, _, ok := strings.Cut(s, "://")
	if ok && scheme != "postgres" && scheme != "postgresql" {
		return fmt.Errorf("%q databases are not known; write the path of a SQLite file, or postgres://user:password@host/name", scheme)
	}
	if !ok {
		return nil
	}
	if u, err := url.Parse(s); err != nil || u.Host == "" && u.Query().Get("host") == "" {
		return errors.New("it cannot be read; write postgres://user:password@host/name, with special characters of the password %-encoded")
	}
	return nil
}

func checkForm(s string, form *regexp.Regexp, what string) error {
	if !form.MatchString(s) {
		return fmt.Errorf("%q cannot be used; %s", s, what)
	}
	return nil
}

func checkOneOf(s string, choices ...string) error {
	if !slices.Contains(choices, s) {
		return fmt.Errorf("%q is not known; write one of %s", s, strings.Join(choices, ", "))
	}
	return nil
}

func checkProxies(list []string) error {
	for _, s := range list {
		p, err := prefixOf(s)
		if err != nil {
			return fmt.Errorf(`%q is neither an address nor a range; write for example "10.0.0.5" or "10.0.0.0/24"`, s)
		}
		if p.Bits() == 0 {
			return fmt.Errorf("%q trusts everybody, so anyone could claim any address; write the addresses of your own proxies", s)
		}
	}
	return nil
}

func prefixOf(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

func checkAllow(list []string) error {
	for _, s := range list {
		if _, err := prefixOf(s); err == nil {
			continue
		}
		host, port, err := net.SplitHostPort(s)
		if err != nil {
			host, port = s, "443"
		}
		_, notAddr := netip.ParseAddr(host)
		if !isPort(port, 1) || notAddr != nil && !hostForm().MatchString(host) {
			return fmt.Errorf(`%q is not known; write a host, host:port, address, address:port or range, for example "badges.intranet:8443" or "10.0.0.0/24"`, s)
		}
	}
	return nil
}

// checkHosts says which entry is no name with an address.
func checkHosts(list []string) error {
	for _, s := range list {
		name, to, _ := strings.Cut(s, "=")
		_, bare := netip.ParseAddr(to)
		_, whole := netip.ParseAddrPort(to)
		if !hostForm().MatchString(name) || bare != nil && whole != nil {
			return fmt.Errorf(`%q is not known; write name=address or name=address:port, for example "badges.example.org=10.1.2.3:8443"`, s)
		}
	}
	return nil
}

func (s SMTP) validate() error {
	if s.Host == "" {
		return keyed("smtp.tls", checkOneOf(s.TLS, "starttls", "tls", "none"))
	}
	errs := []error{keyed("smtp.tls", checkOneOf(s.TLS, "starttls", "tls", "none"))}
	if !hostForm().MatchString(s.Host) && net.ParseIP(s.Host) == nil {
		errs = append(errs, keyed("smtp.host", fmt.Errorf("%q is not a host name; write the name alone, the port goes to smtp.port", s.Host)))
	}
	if !isPort(strconv.Itoa(s.Port), 1) {
		errs = append(errs, keyed("smtp.port", fmt.Errorf("%d is not a port; write 587 for starttls or 465 for tls", s.Port)))
	}
	if _, err := mail.ParseAddress(s.From); err != nil {
		errs = append(errs, keyed("smtp.from", fmt.Errorf(`%q is not an address; write the sender, for example "Badges <badges@example.org>"`, s.From)))
	}
	if s.User == "" && s.Password != "" {
		errs = append(errs, keyed("smtp.user", errors.New("there is a password but no user; write both or none")))
	}
	if s.User != "" && s.TLS == "none" && s.Host != "localhost" && !isLoopback(s.Host) {
		errs = append(errs, keyed("smtp.tls", errors.New(`the password would travel unprotected; write "starttls" or "tls"`)))
	}
	return errors.Join(errs...)
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

func validateProviders(list []OIDC) error {
	var errs []error
	seen := make(map[string]bool)
	for i, p := range list {
		key := fmt.Sprintf("oidc[%d]", i+1)
		if p.ID != "" {
			key = "oidc." + p.ID
		}
		if !nameForm().MatchString(p.ID) {
			errs = append(errs, keyed(key+".id", fmt.Errorf("%q cannot be used; write a short name of lower-case letters, digits, - and _", p.ID)))
		}
		if seen[providerPrefix(p.ID)] {
			errs = append(errs, keyed(key+".id", errors.New("two providers have this id; give each its own")))
		}
		seen[providerPrefix(p.ID)] = true
		errs = append(errs, keyed(key+".issuer", checkIssuer(p.Issuer)),
			keyed(key+".client_id", checkFilled(p.ClientID, "write the client id that the provider gave you")))
		if !slices.Contains(p.Scopes, "openid") && len(p.Scopes) > 0 {
			errs = append(errs, keyed(key+".scopes", errors.New(`"openid" is missing; write at least ["openid", "email"]`)))
		}
		errs = append(errs, p.validateRules(key))
	}
	return errors.Join(errs...)
}

func checkIssuer(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || (u.Scheme != "https" && u.Scheme != "http") {
		return fmt.Errorf(`%q is not an issuer; write the URL of the provider without query, for example "https://login.example.org/realms/main"`, redactURL(s))
	}
	return nil
}
