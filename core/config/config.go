// Package config reads the settings of a passport from a TOML file and the
// environment, fills in defaults and says in a sentence what is wrong.
//
// It owns the keys; config.example.toml documents each of them, and a test holds
// the file and the struct against each other. Every key can be given in the
// environment too: OSIER_ and the key in capitals, with _ for the dots
// (OSIER_LISTEN, OSIER_SMTP_HOST, OSIER_FETCH_ALLOW), lists separated by commas.
// For sign-in providers the id comes between: OSIER_OIDC_<ID>_CLIENT_SECRET.
// The commands in core call it; features get the values they need.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// DefaultFile is read when no file is named and it is there.
const DefaultFile = "config.toml"

// Config is every setting. The zero value is not usable; begin with Default.
type Config struct {
	Listen         string   `toml:"listen"`          // host:port
	PublicURL      string   `toml:"public_url"`      // absolute, without path; "" until the operator knows it
	Data           string   `toml:"data"`            // folder
	Database       string   `toml:"database"`        // SQLite path, postgres:// URL, or "" for passport.db in Data
	Theme          string   `toml:"theme"`           // name of a theme
	ThemesDir      string   `toml:"themes_dir"`      // folder, "" for themes in Data
	PluginsDir     string   `toml:"plugins_dir"`     // folder, "" for plugins in Data
	Tombstones     string   `toml:"tombstones"`      // file, "" for tombstones in Data
	Language       string   `toml:"language"`        // of a visitor whose browser asks for none we have
	LogLevel       string   `toml:"log_level"`       // debug, info, warn, error
	TrustedProxies []string `toml:"trusted_proxies"` // addresses and CIDR ranges
	IssuerLists    []string `toml:"issuer_lists"`    // files, relative ones in Data
	Dev            bool     `toml:"dev"`             // read themes at each request
	Fetch          Fetch    `toml:"fetch"`
	Files          Files    `toml:"files"`
	SMTP           SMTP     `toml:"smtp"`
	SignIn         SignIn   `toml:"sign_in"`
	SignUp         SignUp   `toml:"sign_up"`
	Apps           Apps     `toml:"apps"`
	OIDC           []OIDC   `toml:"oidc"`
}

// Fetch limits what the outgoing client may reach.
type Fetch struct {
	// Allow lists what may be reached although it is not public: a host name, an
	// address or a CIDR range, the first two also with a port.
	Allow []string `toml:"allow"`
	// Hosts lists names that are reached elsewhere: name=address or
	// name=address:port, as in /etc/hosts.
	Hosts []string `toml:"hosts"`
}

// Files limits what people keep beside their badges.
type Files struct {
	MaxMB   int `toml:"max_mb"`   // of one file
	QuotaMB int `toml:"quota_mb"` // of all files of a person
}

// SMTP is the server that takes outgoing mail. Without Host mail stays in the outbox.
type SMTP struct {
	Host     string `toml:"host"`
	Port     int    `toml:"port"`
	User     string `toml:"user"`
	Password string `toml:"password"`
	TLS      string `toml:"tls"`  // starttls, tls, none
	From     string `toml:"from"` // address, with or without a name
}

// SignIn says how people may sign in.
type SignIn struct {
	Only     string `toml:"only"`      // id of the one provider that people sign in with; "": any way
	RoleDays int    `toml:"role_days"` // a role that a provider's groups gave rests after that many days without a sign-in there
}

// Apps says which apps may act for people who allow it.
type Apps struct {
	Register bool `toml:"register"` // apps may register themselves (RFC 7591)
}

// OIDC is a provider that people sign in with (OpenID Connect Discovery 1.0).
type OIDC struct {
	ID           string   `toml:"id"`   // in the path of the callback: /auth/{id}/callback
	Name         string   `toml:"name"` // on the button
	Icon         string   `toml:"icon"` // on the button: one of Icons, or a file in the folder icons of Data
	Issuer       string   `toml:"issuer"`
	ClientID     string   `toml:"client_id"`
	ClientSecret string   `toml:"client_secret"`
	Scopes       []string `toml:"scopes"`

	AllowedDomains []string `toml:"allowed_domains"` // of verified addresses; empty: all
	DomainClaim    string   `toml:"domain_claim"`    // holds the domain in place of the address, such as hd
	AllowedGroups  []string `toml:"allowed_groups"`  // empty: all
	GroupsClaim    string   `toml:"groups_claim"`    // name, or path with dots; "" is groups
	Roles          []string `toml:"roles"`           // group=role

	Logout     bool `toml:"logout"`       // signing out here signs out there
	NoAuthTime bool `toml:"no_auth_time"` // the provider never says when it asked for a proof
}

// Default is the configuration of a passport that nobody has configured.
func Default() Config {
	return Config{
		Listen:         "localhost:8080",
		Data:           "./data",
		Theme:          "default",
		Language:       "en",
		LogLevel:       "info",
		TrustedProxies: []string{},
		IssuerLists:    []string{},
		Fetch:          Fetch{Allow: []string{}, Hosts: []string{}},
		Files:          Files{MaxMB: 8, QuotaMB: 100},
		SMTP:           SMTP{Port: 587, TLS: "starttls"},
		SignIn:         SignIn{RoleDays: 7},
		SignUp:         SignUp{Allow: []string{}},
		Apps:           Apps{Register: true},
	}
}

// defaultScopes are asked for when a provider lists none.
func defaultScopes() []string { return []string{"openid", "email", "profile"} }

// Load reads the file at path, then lets env (as os.Environ gives it) override.
// With path "" it reads the file named by OSIER_CONFIG, else config.toml if
// there is one, else nothing. The result is valid, or the error says which key
// is wrong and what to write.
func Load(path string, env []string) (Config, error) {
	c := Default()
	vars := variables(env)
	text, path, err := read(path, vars)
	if err != nil {
		return Config{}, err
	}
	if err := decode(text, path, &c); err != nil {
		return Config{}, err
	}
	if err := override(&c, vars); err != nil {
		return Config{}, err
	}
	complete(&c)
	if err := c.Validate(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// complete fills in what may be left out and drops the slash that browsers put
// behind a host.
func complete(c *Config) {
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	for i := range c.OIDC {
		if len(c.OIDC[i].Scopes) == 0 {
			c.OIDC[i].Scopes = defaultScopes()
		}
	}
	for i := range c.SignUp.Fields {
		f := &c.SignUp.Fields[i]
		if f.Kind == "" {
			f.Kind = FieldText
		}
		if f.Seen == "" {
			f.Seen = SeenByNobody
		}
	}
}

// read gives the text of the configuration file and its name.
func read(path string, vars map[string]string) ([]byte, string, error) {
	if path == "" {
		path = vars["OSIER_CONFIG"]
	}
	optional := path == ""
	if optional {
		path = DefaultFile
	}
	text, err := os.ReadFile(path)
	if optional && errors.Is(err, fs.ErrNotExist) {
		return nil, path, nil
	}
	if err != nil {
		return nil, path, fmt.Errorf("read the configuration: %w", err)
	}
	return text, path, nil
}

// IconsFolder is where images for the buttons of providers are.
func (c Config) IconsFolder() string { return filepath.Join(c.Data, "icons") }

// DatabaseURL is Database, or the SQLite file in the data folder.
func (c Config) DatabaseURL() string {
	if c.Database != "" {
		return c.Database
	}
	return filepath.Join(c.Data, "passport.db")
}

// KeyFile is the file that holds the secret key of this passport.
func (c Config) KeyFile() string { return filepath.Join(c.Data, "osier.key") }

// ThemesFolder is where themes of the operator are.
func (c Config) ThemesFolder() string {
	if c.ThemesDir != "" {
		return c.ThemesDir
	}
	return filepath.Join(c.Data, "themes")
}

// TombstoneFile is the file that knows which accounts were removed.
func (c Config) TombstoneFile() string {
	if c.Tombstones != "" {
		return c.Tombstones
	}
	return filepath.Join(c.Data, "tombstones")
}

// PluginsFolder is where community plugins are.
func (c Config) PluginsFolder() string {
	if c.PluginsDir != "" {
		return c.PluginsDir
	}
	return filepath.Join(c.Data, "plugins")
}
