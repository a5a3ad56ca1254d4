package sdk_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk"
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
		os.Exit(m.Run())
	}
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
