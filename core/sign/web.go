package sign

import (
	"github.com/osier-passport/osier/core/web"
)

// documentType is the media type of a DID document (DID Core §6.3).
const documentType = "application/did+json"

// Mount makes the routes of DID documents (did:web §3.2).
func (s *Signer) Mount(r web.Router) {
	r.Get("/.well-known/did.json", s.siteDocument)
	r.Get("/u/:id/did.json", s.personDocument)
}

func (s *Signer) siteDocument(c *web.Ctx) error { return s.send(c, "") }

func (s *Signer) personDocument(c *web.Ctx) error {
	if c.Param("id") == "" {
		return errUnknown()
	}
	return s.send(c, c.Param("id"))
}

func (s *Signer) send(c *web.Ctx, holder string) error {
	doc, err := s.Document(c.Context(), holder)
	if err != nil {
		return err
	}
	return c.Bytes(documentType, doc, web.ByteOptions{CacheControl: web.Revalidate, CSP: web.FilePolicy, AnyOrigin: true})
}
