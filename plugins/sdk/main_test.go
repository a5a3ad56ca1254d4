package sdk_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/sharetest/remote"
)

// TestMain lets the test binary be a plugin process.
func TestMain(m *testing.M) {
	switch os.Getenv("OSIER_SDK_TEST") {
	case "good":
		fmt.Println("a stray line")
		sdk.Serve(good())
	case "plaza":
		sdk.Serve(plaza())
	case "broken":
		p := good()
		p.Hosts = []string{"*.example.org"}
		sdk.Serve(p)
	default:
		os.Exit(inWorld(m))
	}
}

// world is the internet of all tests of this package: certificates are read once
// in a process.
var world *remote.World

func inWorld(m *testing.M) int {
	var err error
	if world, err = remote.New(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer world.Close()
	for _, line := range world.Env() {
		name, value, _ := strings.Cut(line, "=")
		if err := os.Setenv(name, value); err != nil {
			return 1
		}
	}
	return m.Run()
}

func good() sdk.Plugin {
	return sdk.Plugin{
		ID: "good", Version: "1.0.0", Name: map[string]string{"en": "Good", "fr": "Bon"}, Hosts: []string{"good.example"},
		Targets: []sdk.Target{
			{ID: "post", Labels: map[string]string{"en": "Post"}, URL: func(i sdk.Item) (string, error) { return "https://good.example/?u=" + i.URL, nil }},
			{ID: "never", Labels: map[string]string{"en": "Never"}, Items: []sdk.ItemType{sdk.ItemPage}, URL: func(sdk.Item) (string, error) {
				return "", errors.New("pages\ncannot go there")
			}},
			{ID: "panics", Labels: map[string]string{"en": "Panics"}, URL: func(sdk.Item) (string, error) { panic("oh") }},
		},
	}
}
