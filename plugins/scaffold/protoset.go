package scaffold

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// protoset is share.proto as a FileDescriptorSet, from which a language without a
// generator makes the messages of the wire.
func protoset() ([]byte, error) {
	set := &descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{
		protodesc.ToFileDescriptorProto(wire.File_share_proto),
	}}
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(set)
	if err != nil {
		return nil, fmt.Errorf("share.protoset: %w", err)
	}
	return data, nil
}
