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
		"Descriptor.id": 1, "Descriptor.version": 2, "Descriptor.api_minor": 3, "Descriptor.targets": 4,
		"Descriptor.i18n": 5, "Descriptor.hosts": 8,
		"Strings.text": 1,
		"Target.id":    1, "Target.kind": 2, "Target.items": 3, "Target.icon_svg": 4,
		"Target.needs_instance": 9, "Target.off": 11, "Target.service": 12, "Target.purpose": 13,
		"Item.type": 1, "Item.url": 2, "Item.title": 3, "Item.description": 4, "Item.lang": 5, "Item.image_url": 6,
		"Item.issuer_name": 10, "Item.issuer_url": 11, "Item.credential_id": 12, "Item.issued_unix": 13,
		"Item.expires_unix": 14, "Item.tags": 15, "Item.earner_name": 16, "Item.issuer_ids": 17,
		"ShareRequest.target": 1, "ShareRequest.item": 2, "ShareRequest.text": 3, "ShareRequest.lang": 4,
		"ShareRequest.instance":  5,
		"ShareResponse.open_url": 1, "ShareResponse.failure": 4,
		"Failure.code": 1, "Failure.detail": 3,
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
