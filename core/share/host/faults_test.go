package host

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/i18n"
)

// Every key that the sources can make has its sentence.
func TestMessages(t *testing.T) {
	c, err := i18n.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	made := regexp.MustCompile(`problem\([^,()]+, "([a-z_]+)"|"plugin\.error\.([a-z_]+)"`)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range made.FindAllStringSubmatch(string(text), -1) {
			if key := m[1] + m[2]; key != "" {
				keys = append(keys, "plugin.error."+key)
			}
		}
	}
	if len(keys) < 40 {
		t.Errorf("only %d keys found", len(keys))
	}
	for _, key := range keys {
		if !c.Exists(key) {
			t.Errorf("no message %s", key)
		}
	}
}
