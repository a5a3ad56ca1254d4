package browser

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Authenticator gives the tab a passkey store of its own, such as a phone has:
// whoever touches it is verified when verified is set. It gives the store's id.
func (b *Tab) Authenticator(verified bool) webauthn.AuthenticatorID {
	b.T.Helper()
	var id webauthn.AuthenticatorID
	b.must(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		made, err := cdp.Call(ctx, t, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: verified, AutomaticPresenceSimulation: true,
		}})
		if err == nil {
			id = made.AuthenticatorID
		}
		return err
	}), "add an authenticator")
	return id
}

// Verify says whether whoever touches the authenticator from now on is verified.
func (b *Tab) Verify(id webauthn.AuthenticatorID, verified bool) {
	b.T.Helper()
	b.must(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: id, IsUserVerified: verified})
		return err
	}), "set who touches the authenticator")
}

// Forget takes the authenticator away.
func (b *Tab) Forget(id webauthn.AuthenticatorID) {
	b.T.Helper()
	b.must(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, webauthn.RemoveVirtualAuthenticator, webauthn.RemoveVirtualAuthenticatorParams{AuthenticatorID: id})
		return err
	}), "take the authenticator away")
}
