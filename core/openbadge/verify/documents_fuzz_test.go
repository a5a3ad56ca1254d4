package verify_test

import (
	"context"
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// FuzzDocuments: whatever an issuer's host answers for one of its documents, the check ends
// with a verdict, names a reason for each check that is not passed, and finds a badge valid
// whose signature is another's only where the document lists that other's key.
func FuzzDocuments(f *testing.F) {
	key, other := issue.Ed25519FromSeed("fuzz documents"), issue.Ed25519FromSeed("fuzz others")
	hosted := must(issue.Hosted2(sample()))
	signed, forged := sample(), sample()
	signed.Issuer.ID, forged.Issuer.ID = issuerID, issuerID
	keyAddress, listAddress := site+"/key", site+"/revoked"
	profile := issue.Profile2(signed.Issuer, keyAddress)
	profile["revocationList"] = listAddress
	docs := web{
		sample().ID: hosted.Assertion, sample().AchievementID: hosted.Class, issuerID: must(issue.JSON(profile)),
		keyAddress:  must(key.CryptographicKey(keyAddress, issuerID)),
		listAddress: must(issue.RevocationList2(listAddress, issuerID, map[string]string{"urn:uuid:other": "mistake"})),
	}
	badges := [][]byte{hosted.Assertion, must(key.Signed2(signed, keyAddress)), must(other.Signed2(forged, keyAddress))}
	places := []string{sample().ID, sample().AchievementID, issuerID, keyAddress, listAddress}
	for i, place := range places {
		f.Add(uint8(i), uint8(i%3), docs[place], 200)
	}
	f.Add(uint8(2), uint8(1), []byte(`{"type":"Profile","id":"x","publicKey":[{"publicKeyPem":"-----BEGIN"}],"revocationList":{"id":1}}`), 200)
	f.Add(uint8(4), uint8(1), []byte(`{"revokedAssertions":[{"uid":7},null,"urn:uuid:x"]}`), 410)
	f.Fuzz(func(t *testing.T, place, badge uint8, body []byte, status int) {
		at := places[int(place)%len(places)]
		which := int(badge) % len(badges)
		r := verify.Check(t.Context(), badges[which], verify.Options{At: clock(), Fetcher: oneAnswer{docs, at, body, status}})
		if r.Verdict == "" {
			t.Fatal("no verdict")
		}
		for _, c := range r.Checks {
			if (c.Result == verify.Fail || c.Result == verify.Unknown) && c.Reason == "" {
				t.Errorf("%s: %s without a reason", c.Name, c.Result)
			}
		}
		if which == 2 && at != keyAddress && at != issuerID && r.Verdict == verify.Valid {
			t.Errorf("a forged badge is valid by %s: %s", at, body)
		}
	})
}

// oneAnswer is a web on which one address answers something else.
type oneAnswer struct {
	web     web
	address string
	body    []byte
	status  int
}

func (o oneAnswer) Fetch(ctx context.Context, address string) (verify.Document, error) {
	if address == o.address {
		return verify.Document{URL: address, Status: o.status, Body: o.body}, nil
	}
	return o.web.Fetch(ctx, address)
}
