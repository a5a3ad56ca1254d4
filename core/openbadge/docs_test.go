package openbadge_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testName = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]+)`(?: \\((core[a-z/]*)\\))?")
	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9_]+)\(`)
)

// TestTheTestsOfTheDocumentExist: docs/open-badges.md names the tests that show what it says.
func TestTheTestsOfTheDocumentExist(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "docs", "open-badges.md"))
	if err != nil {
		t.Fatal(err)
	}
	there := testsBelow(t, filepath.Join(root, "core"))
	named := 0
	for line := range strings.Lines(string(text)) {
		rows := testName.FindAllStringSubmatch(line, -1)
		if strings.HasPrefix(line, "|") && len(rows) == 0 && strings.Contains(line, "Test") && !strings.Contains(line, "| Test |") {
			t.Errorf("a row without a test: %s", line)
		}
		for _, m := range rows {
			named++
			folders := there[m[1]]
			if len(folders) == 0 {
				t.Errorf("%s does not exist", m[1])
			}
			if m[2] != "" && !strings.Contains(strings.Join(folders, " ")+" ", m[2]+" ") {
				t.Errorf("%s is in %v, not in %s", m[1], folders, m[2])
			}
		}
	}
	for name, folders := range there {
		if strings.HasPrefix(name, "Fuzz") && strings.HasPrefix(folders[0], "core/openbadge") && !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("%s of %v is not among what is fuzzed", name, folders)
		}
	}
	if named < 60 {
		t.Errorf("only %d tests are named", named)
	}
}

// testsBelow finds the folders in which each test is.
func testsBelow(t *testing.T, root string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(filepath.Dir(root), filepath.Dir(name))
		for _, m := range testFunc.FindAllSubmatch(text, -1) {
			out[string(m[1])] = append(out[string(m[1])], filepath.ToSlash(folder))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
