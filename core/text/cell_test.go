package text_test

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/text"
)

// TestCells: no cell begins with what starts a formula, and a row keeps its number
// of cells. The shared cases are read where they are there.
func TestCells(t *testing.T) {
	values := map[string]string{
		"": "", "Ada": "Ada", "a=b": "a=b", "=1+1": "'=1+1", "\u00a0=1+1": "'\u00a0=1+1", "\t=1": "'\t'=1", "\r=1": "'\r'=1", "\n=1": "'\n'=1", "a;=1": "a;'=1", "a\n @x": "a\n' @x", ";\"=1\"": ";'\"=1\"", "a - b; c": "a - b; c", "﹦1": "'﹦1", "\u200b=1": "'\u200b=1",
		"@SUM(1)": "'@SUM(1)", "-2+3": "'-2+3", "+1": "'+1", "|calc": "'|calc", "＝1": "'＝1", "a\r\nb": "a\r\nb", "a;b": "a;b", "=1\",\"x": "'=1\",\"x", "\x00=1": "'=1", "\t": "'\t",
	}
	for value, want := range values {
		if got := text.Cell(value); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
	shared := sharedCells(t)
	for _, v := range shared {
		values[v] = ""
	}
	for value := range values {
		cell := text.Cell(value)
		if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t\r") {
			t.Errorf("%q begins with a formula", cell)
		}
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		if err := w.Write([]string{"before", cell, "after"}); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		rows, err := csv.NewReader(&out).ReadAll()
		if err != nil || len(rows) != 1 || len(rows[0]) != 3 {
			t.Errorf("%q becomes %q, %v", value, rows, err)
		}
	}
	t.Logf("%d shared cases", len(shared))
}

func sharedCells(t *testing.T) []string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "hostile", "cases.jsonl"))
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }() // it is only read
	var list []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var c struct{ Surface, Value string }
		if err := json.Unmarshal(lines.Bytes(), &c); err == nil && c.Surface == "csv" {
			list = append(list, c.Value)
		}
	}
	if len(list) < 10 {
		t.Errorf("only %d cases of cells", len(list))
	}
	return list
}
