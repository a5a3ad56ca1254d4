package wire

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// What has been given out stays: a plugin that was built with an older version
// of the contract must still be understood. A line is added here with each field
// and never changed.
func TestNumbersStay(t *testing.T) {
	want := map[string]int{
		"DescribeRequest.api_minor": 1, "DescribeRequest.host_features": 2,
		"Descriptor.id": 1, "Descriptor.version": 2, "Descriptor.api_minor": 3, "Descriptor.targets": 4, "Descriptor.i18n": 5, "Descriptor.settings": 6, "Descriptor.egress": 7, "Descriptor.hosts": 8,
		"Strings.text": 1,
		"Field.key":    1, "Field.type": 2, "Field.required": 3, "Field.fallback": 4, "Field.max": 5, "Field.choices": 6,
		"FieldError.key": 1, "FieldError.text": 2,
		"OAuth.authorize_url": 1, "OAuth.token_url": 2, "OAuth.revoke_url": 3, "OAuth.scopes": 4, "OAuth.client_auth": 5, "OAuth.par_url": 6, "OAuth.dpop": 7, "OAuth.client_metadata": 8, "OAuth.provision": 9,
		"OAuthApp.client_id": 1, "OAuthApp.client_secret": 2, "OAuthApp.authorize_url": 3, "OAuthApp.token_url": 4, "OAuthApp.revoke_url": 5, "OAuthApp.par_url": 6, "OAuthApp.issuer": 7,
		"Limits.max_chars": 1, "Limits.count": 2, "Limits.max_image_bytes": 3, "Limits.per_person_day": 4, "Limits.cost_cents": 5, "Limits.currency": 6,
		"Target.id": 1, "Target.kind": 2, "Target.items": 3, "Target.icon_svg": 4, "Target.oauth": 5, "Target.options": 6, "Target.limits": 7, "Target.can_retract": 8, "Target.needs_instance": 9, "Target.idempotent_seconds": 10, "Target.off": 11, "Target.service": 12, "Target.purpose": 13, "Target.connect": 14, "Target.can_resume": 15, "Target.by_mail": 16,
		"Grant.access_token": 1, "Grant.instance": 2, "Grant.account_id": 3, "Grant.fields": 4, "Grant.dpop_jwk": 5, "Grant.client_id": 6, "Grant.client_secret": 7,
		"Account.id": 1, "Account.name": 2, "Account.url": 3, "Account.instance": 4,
		"Item.type": 1, "Item.url": 2, "Item.title": 3, "Item.description": 4, "Item.lang": 5, "Item.image_url": 6, "Item.image_png": 7, "Item.image_alt": 8, "Item.issuer_name": 10, "Item.issuer_url": 11, "Item.credential_id": 12, "Item.issued_unix": 13, "Item.expires_unix": 14, "Item.tags": 15, "Item.earner_name": 16, "Item.issuer_ids": 17,
		"ShareRequest.target": 1, "ShareRequest.item": 2, "ShareRequest.text": 3, "ShareRequest.lang": 4, "ShareRequest.instance": 5, "ShareRequest.options": 6, "ShareRequest.grant": 7, "ShareRequest.idempotency_key": 8, "ShareRequest.settings": 9,
		"ShareResponse.open_url": 1, "ShareResponse.posted": 2, "ShareResponse.pending": 3, "ShareResponse.failure": 4,
		"Posted.remote_id": 1, "Posted.url": 2,
		"Pending.state": 1, "Pending.check_after_seconds": 2,
		"Failure.code": 1, "Failure.key": 2, "Failure.detail": 3, "Failure.retry_after_seconds": 4,
		"ConfigureRequest.settings": 1, "ConfigureRequest.test": 2, "ConfigureRequest.lang": 3,
		"ConfigureResponse.errors": 1, "ConfigureResponse.failure": 2,
		"ProvisionRequest.target": 1, "ProvisionRequest.instance": 2, "ProvisionRequest.redirect_uri": 3, "ProvisionRequest.client_name": 4, "ProvisionRequest.website": 5, "ProvisionRequest.settings": 6,
		"ProvisionResponse.app": 1, "ProvisionResponse.failure": 2,
		"IdentifyRequest.target": 1, "IdentifyRequest.grant": 2, "IdentifyRequest.settings": 3,
		"IdentifyResponse.account": 1, "IdentifyResponse.failure": 2,
		"PreviewResponse.text": 1, "PreviewResponse.used": 2, "PreviewResponse.max": 3, "PreviewResponse.errors": 4, "PreviewResponse.subject": 5,
		"ResumeRequest.share": 1, "ResumeRequest.state": 2, "ResumeRequest.uncertain": 3,
		"RetractRequest.target": 1, "RetractRequest.grant": 2, "RetractRequest.posted": 3, "RetractRequest.settings": 4,
		"RetractResponse.failure":  1,
		"DisconnectRequest.target": 1, "DisconnectRequest.grant": 2, "DisconnectRequest.settings": 3,
		"DisconnectResponse.failure": 1,
	}
	got := map[string]int{}
	messages := File_share_proto.Messages()
	for i := range messages.Len() {
		maps.Copy(got, numbers(messages.Get(i)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if name := ShareTarget_ServiceDesc.ServiceName; name != "osier.share.v1.ShareTarget" {
		t.Errorf("the service is called %s", name)
	}
	if h := Handshake(); h.ProtocolVersion != Major || h.MagicCookieKey != "OSIER_PLUGIN" || h.MagicCookieValue != "osier.share.v1" {
		t.Errorf("got handshake %+v", h)
	}
}

func numbers(m protoreflect.MessageDescriptor) map[string]int {
	all := map[string]int{}
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		all[string(m.Name())+"."+string(f.Name())] = int(f.Number())
	}
	return all
}
