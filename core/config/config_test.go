package config

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const exampleFile = "../../config.example.toml"

func TestExampleHoldsTheDefaults(t *testing.T) {
	got, err := Load(exampleFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), got); diff != "" {
		t.Errorf("config.example.toml differs from the defaults (-default +file):\n%s", diff)
	}
}

// TestExampleDocumentsEveryKey reads the keys out of the text, also those that
// are switched off with a # directly before them, and holds them against the
// struct both ways. Each needs a comment above it or above its group.
func TestExampleDocumentsEveryKey(t *testing.T) {
	text, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	table := regexp.MustCompile(`^#?\[\[?([a-z_.]+)\]\]?$`)
	key := regexp.MustCompile(`^#?([a-z_]+) = `)
	var keys []string
	prefix, commented := "", false
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case table.MatchString(line):
			prefix = table.FindStringSubmatch(line)[1] + "."
		case key.MatchString(line):
			name := prefix + key.FindStringSubmatch(line)[1]
			keys = append(keys, name)
			if !commented {
				t.Errorf("line %d: %s has no comment", i+1, name)
			}
		case strings.HasPrefix(line, "# "):
			commented = true
		case line == "":
			commented = false
		}
	}
	want := Keys()
	slices.Sort(want)
	slices.Sort(keys)
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("keys (-struct +file):\n%s", diff)
	}
}

func TestExampleWithEverythingSwitchedOn(t *testing.T) {
	text, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	on := regexp.MustCompile(`(?m)^#([a-z\[])`).ReplaceAllString(string(text), "$1")
	got, err := Load(write(t, on), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.OIDC) != 1 || got.OIDC[0].ID != "university" {
		t.Errorf("providers: %v", got.OIDC)
	}
	if f := got.SignUp.Fields; len(f) != 1 || f[0].Kind != FieldChoice || len(f[0].Choices) != 3 {
		t.Errorf("fields: %v", f)
	}
}

func TestLoad(t *testing.T) {
	const provider = "[[oidc]]\nid = \"uni\"\nname = \"Uni\"\nissuer = \"https://login.test\"\nclient_id = \"osier\"\n"
	tests := []struct {
		name, file string
		env        []string
		want       func(*Config)
	}{
		{"nothing", "", nil, func(*Config) {}},
		{"file", "listen = \":80\"\n[smtp]\nport = 25", nil, func(c *Config) { c.Listen, c.SMTP.Port = ":80", 25 }},
		{"environment wins", `listen = ":80"`, []string{"OSIER_LISTEN=:81"}, func(c *Config) { c.Listen = ":81" }},
		{"slash behind the host", `public_url = "https://b.test/"`, nil, func(c *Config) { c.PublicURL = "https://b.test" }},
		{"number", "", []string{"OSIER_SMTP_PORT=465"}, func(c *Config) { c.SMTP.Port = 465 }},
		{"truth", "", []string{"OSIER_DEV=true"}, func(c *Config) { c.Dev = true }},
		{
			"list", "",
			[]string{"OSIER_FETCH_ALLOW=10.0.0.0/24, b.test:8443,::1,[::1]:80,b.test"},
			func(c *Config) { c.Fetch.Allow = []string{"10.0.0.0/24", "b.test:8443", "::1", "[::1]:80", "b.test"} },
		},
		{"not ours", "", []string{"OSIER_TEST_PG=x", "PATH=/bin", "odd"}, func(*Config) {}},
		{
			"secret of a provider", provider,
			[]string{"OSIER_OIDC_UNI_CLIENT_SECRET=s3"},
			func(c *Config) {
				c.OIDC = []OIDC{{
					ID: "uni", Name: "Uni", Issuer: "https://login.test", ClientID: "osier", ClientSecret: "s3",
					Scopes: []string{"openid", "email", "profile"},
				}}
			},
		},
		{
			"provider without a file", "",
			[]string{"OSIER_OIDC_MY_UNI_ISSUER=https://login.test", "OSIER_OIDC_MY_UNI_CLIENT_ID=o", "OSIER_OIDC_MY_UNI_SCOPES=openid"},
			func(c *Config) {
				c.OIDC = []OIDC{{ID: "my-uni", Issuer: "https://login.test", ClientID: "o", Scopes: []string{"openid"}}}
			},
		},
		{
			"address of the database", `database = "postgres://u:p@h/db"`, nil,
			func(c *Config) { c.Database = "postgres://u:p@h/db" },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Load(write(t, tt.file), tt.env)
			if err != nil {
				t.Fatal(err)
			}
			want := Default()
			tt.want(&want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	const provider = "[[oidc]]\nid = \"u\"\nissuer = \"https://i.test\"\nclient_id = \"x\"\n"
	const field, words = "[[sign_up.fields]]\nkey = \"a\"\n", "labels = { en = \"x\" }\n"
	const mail = "[smtp]\nhost = \"m.test\"\nfrom = \"a@m.test\"\n"
	tests := []struct{ name, file, env, want string }{
		{"unknown key", "\nlisen = \":80\"", "", `line 2: unknown key "lisen"; did you mean "listen"?`},
		{"unknown key in a table", "[smtp]\npasswort = \"x\"", "", `unknown key "smtp.passwort"; did you mean "smtp.password"?`},
		{"key without its table", `host = "x"`, "", `unknown key "host"; did you mean "smtp.host"?`},
		{"unknown table", "[database_settings_of_mine]\nx = 1", "", `unknown key "database_settings_of_mine`},
		{"unknown variable", "", "OSIER_LISTN=:80", "unknown variable OSIER_LISTN; did you mean OSIER_LISTEN?"},
		{"secret of no provider", "", "OSIER_OIDC_UNI_CLIENT_SECRET=x", "unknown variable OSIER_OIDC_UNI_CLIENT_SECRET"},
		{"wrong type", `listen = 80`, "", `line 1`},
		{"not TOML", `listen`, "", `line 1`},
		{"twice", "listen = \":1\"\nlisten = \":2\"", "", "listen"},
		{"no number", "", "OSIER_SMTP_PORT=many", `"many" is not a whole number`},
		{"no truth", "", "OSIER_DEV=perhaps", `"perhaps" is neither true nor false`},
		{"listen without port", `listen = "localhost"`, "", "write host:port"},
		{"listen on a large port", `listen = ":65536"`, "", "write host:port"},
		{"public URL without scheme", `public_url = "b.test"`, "", `write scheme and host only`},
		{"public URL with path", `public_url = "https://b.test/x"`, "", "more than scheme and host"},
		{"public URL with query", `public_url = "https://b.test?x"`, "", "more than scheme and host"},
		{"public URL of a script", `public_url = "javascript://b.test"`, "", "neither http:// nor https://"},
		{"public URL with user", `public_url = "https://u:hunter2@b.test"`, "", "user name"},
		{"no data", `data = ""`, "", "name the folder"},
		{"another database", `database = "mysql://u:hunter2@h/db"`, "", `"mysql" databases are not known`},
		{"odd database", `database = "postgres://u:hunter2%zz@h/db"`, "", "%-encoded"},
		{"theme with path", `theme = "../x"`, "", "name of a theme"},
		{"language", `language = "English!"`, "", "language tag"},
		{"log level", `log_level = "loud"`, "", "debug, info, warn, error"},
		{"proxy", `trusted_proxies = ["*"]`, "", "neither an address nor a range"},
		{"every proxy", `trusted_proxies = ["0.0.0.0/0"]`, "", "trusts everybody"},
		{"allowed URL", "[fetch]\nallow = [\"https://b.test\"]", "", "write a host"},
		{"allowed port", "[fetch]\nallow = [\"b.test:0\"]", "", "write a host"},
		{"host that leads nowhere", "[fetch]\nhosts = [\"b.test\"]", "", "write name=address"},
		{"host that leads to a name", "[fetch]\nhosts = [\"b.test=c.test:80\"]", "", "write name=address"},
		{"mail without sender", "[smtp]\nhost = \"m.test\"", "", "smtp.from"},
		{"mail host with port", "[smtp]\nhost = \"m.test:25\"\nfrom = \"a@m.test\"", "", "smtp.host"},
		{"mail port", mail + "port = 0", "", "smtp.port"},
		{"mail protection", mail + `tls = "ssl"`, "", "starttls, tls, none"},
		{"mail password alone", mail + `password = "hunter2"`, "", "both or none"},
		{"mail password in the clear", mail + "user = \"u\"\npassword = \"hunter2\"\ntls = \"none\"", "", "unprotected"},
		{"provider without issuer", "[[oidc]]\nid = \"u\"\nclient_id = \"x\"", "", "oidc.u.issuer"},
		{"provider without client", "[[oidc]]\nid = \"u\"\nissuer = \"https://i.test\"", "", "oidc.u.client_id"},
		{"provider without id", "[[oidc]]\nissuer = \"https://i.test\"\nclient_id = \"x\"", "", "oidc[1].id"},
		{"only a provider that is not there", "[sign_in]\nonly = \"uni\"", "", `sign_in.only: there is no provider "uni"`},
		{"allow-list", "[sign_up]\nallow = [\"@example.org\"]", "", "neither an address nor a domain"},
		{"allow-list in capitals", "[sign_up]\nallow = [\"Example.org\"]", "", "in lower case"},
		{"variable for a field", "", "OSIER_SIGN_UP_FIELDS=x", "[[sign_up.fields]]"},
		{"field without key", "[[sign_up.fields]]\nlabels = { en = \"x\" }", "", "sign_up.fields[1].key"},
		{"field without words", "[[sign_up.fields]]\nkey = \"a\"", "", "sign_up.fields.a.labels: it is empty; write what people read"},
		{"field in no language", field + `labels = { English = "x" }`, "", `"English" is not a language tag`},
		{"field of no kind", field + words + `kind = "date"`, "", "text, choice, country, switch"},
		{"field seen by all", field + words + `seen = "all"`, "", "nobody, members, public"},
		{"choice of one", field + words + "kind = \"choice\"\nchoices = [{ key = \"x\", en = \"X\" }]", "", "there are 1; write from 2"},
		{"choice without key", field + words + "kind = \"choice\"\nchoices = [{ en = \"X\" }, { en = \"Y\" }]", "", "write the key of each choice"},
		{"choice twice", field + words + "kind = \"choice\"\nchoices = [{ key = \"x\", en = \"X\" }, { key = \"x\", en = \"Y\" }]", "", `two choices have the key "x"`},
		{"choice without words", field + words + "kind = \"choice\"\nchoices = [{ key = \"x\" }, { key = \"y\", en = \"Y\" }]", "", `the choice "x" has no words`},
		{"choices of a text", field + words + "choices = [{ key = \"x\", en = \"X\" }]", "", `a field of kind "text" has none`},
		{"field twice", field + words + field + words, "", "sign_up.fields.a.key: two fields have this key"},
		{"icon outside of its folder", provider + `icon = "../key.svg"`, "", "oidc.u.icon"},
		{"icon of a type that can be more", provider + `icon = "a.html"`, "", "oidc.u.icon"},
		{"domain", provider + `allowed_domains = ["*.example.org"]`, "", "oidc.u.allowed_domains"},
		{"claim without domains", provider + `domain_claim = "hd"`, "", "oidc.u.domain_claim"},
		{"role of nobody", provider + `roles = ["admin"]`, "", "group=admin"},
		{"unknown role", provider + `roles = ["staff=root"]`, "", "group=admin"},
		{
			"provider without openid", "[[oidc]]\nid = \"u\"\nissuer = \"https://i.test\"\nclient_id = \"x\"\nscopes = [\"email\"]", "",
			`"openid" is missing`,
		},
		{
			"provider twice", "[[oidc]]\nid = \"a-b\"\nissuer = \"https://i.test\"\nclient_id = \"x\"\n" +
				"[[oidc]]\nid = \"a_b\"\nissuer = \"https://i.test\"\nclient_id = \"x\"", "", "two providers",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(write(t, tt.file), []string{tt.env})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error gives a secret away: %v", err)
			}
		})
	}
}

func TestLoadFindsTheFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if got, err := Load("", nil); err != nil || got.Listen != Default().Listen {
		t.Fatalf("no file: %v, %v", got.Listen, err)
	}
	if err := os.WriteFile("config.toml", []byte(`listen = ":1"`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Load("", nil); err != nil || got.Listen != ":1" {
		t.Errorf("config.toml: %v, %v", got.Listen, err)
	}
	other := write(t, `listen = ":2"`)
	if got, err := Load("", []string{"OSIER_CONFIG=" + other}); err != nil || got.Listen != ":2" {
		t.Errorf("OSIER_CONFIG: %v, %v", got.Listen, err)
	}
	if _, err := Load("absent.toml", nil); err == nil {
		t.Error("a named file that is absent is no error")
	}
}

func TestPathsInTheDataFolder(t *testing.T) {
	c := Default()
	c.Data = "d"
	got := []string{c.DatabaseURL(), c.KeyFile(), c.ThemesFolder(), c.PluginsFolder()}
	want := []string{"d/passport.db", "d/osier.key", "d/themes", "d/plugins"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	c.Database, c.ThemesDir, c.PluginsDir = "postgres://h/x", "t", "p"
	if c.DatabaseURL() != "postgres://h/x" || c.ThemesFolder() != "t" || c.PluginsFolder() != "p" {
		t.Error("a value in the configuration does not win")
	}
}

func TestSecretsAreHidden(t *testing.T) {
	c := Default()
	c.Database = "postgres://u:hunter2@h/db?password=hunter2"
	c.SMTP.Password = "hunter2"
	c.OIDC = []OIDC{{ID: "uni", ClientSecret: "hunter2"}}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "config", c)
	texts := []string{
		log.String(), c.String(), fmt.Sprintf("%v %+v %#v %s", c, c, c, c),
		fmt.Sprintf("%v %#v %+v", c.SMTP, c.SMTP, c.OIDC), fmt.Sprintf("%v", &c.OIDC[0]),
	}
	for _, text := range texts {
		if strings.Contains(text, "hunter2") {
			t.Errorf("a secret shows: %s", text)
		}
	}
	if !strings.Contains(log.String(), `"oidc.uni.client_secret":"[hidden]"`) {
		t.Errorf("log: %s", log.String())
	}
	if c.OIDC[0].ClientSecret != "hunter2" {
		t.Error("redaction changed the configuration itself")
	}
}
