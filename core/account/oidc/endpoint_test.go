package oidc

import (
	"crypto/rsa"
	"math/big"
	"testing"
)

func TestEndpointsAreAsProtectedAsTheIssuer(t *testing.T) {
	p := &Provider{Issuer: "https://login.example.org"}
	for endpoint, ok := range map[string]bool{
		"https://login.example.org/token":     true,
		"https://other.example.org/token?x=1": true,
		"http://login.example.org/token":      false,
		"javascript:alert(1)":                 false,
		"//login.example.org/token":           false,
		"https://user@login.example.org/":     false,
		"https://login.example.org/#x":        false,
		"":                                    false,
	} {
		if err := p.checkEndpoint(endpoint); (err == nil) != ok {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
}

func TestShortAndSecretKeysAreNoKeys(t *testing.T) {
	short := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 511), E: 65537}
	if isStrong(short) || isStrong([]byte("secret")) || isStrong(&rsa.PrivateKey{}) {
		t.Error("taken")
	}
	if !isStrong(&rsa.PublicKey{N: new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 2047), big.NewInt(1)), E: 65537}) {
		t.Error("a key of 2048 bits is refused")
	}
}
