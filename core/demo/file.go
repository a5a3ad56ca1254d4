package demo

import (
	"fmt"
	"net/http"

	"github.com/osier-passport/osier/core/fetch"
)

// Types of the files that issuers publish.
const (
	typeJSON = "application/json"
	typePNG  = "image/png"
	typeSVG  = "image/svg+xml"
)

// files are what the issuers publish, by address.
type files map[string]fetch.Document

func (f files) put(address, mime string, body []byte) {
	f[address] = fetch.Document{Type: mime, Body: body}
}

// missing says that there is nothing at an address any more.
func (f files) missing(address string) {
	f[address] = fetch.Document{Status: http.StatusNotFound, Type: "text/plain", Body: []byte("not found\n")}
}

// document is a JSON file to be made.
type document struct {
	address string
	make    func() ([]byte, error)
}

func (c *Community) putAll(list ...document) error {
	for _, d := range list {
		body, err := d.make()
		if err != nil {
			return fmt.Errorf("write %s: %w", d.address, err)
		}
		c.files.put(d.address, typeJSON, body)
	}
	return nil
}
