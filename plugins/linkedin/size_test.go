package linkedin

import (
	"bytes"
	"os"
	"testing"
)

// The plugin with its three targets is the measure of the SDK: under 80 lines of Go.
func TestSize(t *testing.T) {
	source, err := os.ReadFile("linkedin.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(source, []byte("\n")); n >= 80 {
		t.Errorf("%d lines", n)
	}
}
