// Command bareplugin is the least that a go-plugin process with gRPC can be: it
// serves the share contract by the library's own defaults and answers every share
// with the same address. It is what the passport's plugins are held against.
package main

import (
	"context"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/osier-passport/osier/plugins/sdk/wire"
)

type service struct {
	plugin.NetRPCUnsupportedPlugin
	wire.UnimplementedShareTargetServer
}

// GRPCServer registers the service.
func (s *service) GRPCServer(_ *plugin.GRPCBroker, g *grpc.Server) error { //nolint:unparam // plugin.GRPCPlugin has it so
	wire.RegisterShareTargetServer(g, s)
	return nil
}

// GRPCClient is for the other side.
func (*service) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, nil
}

// Share answers an address.
func (*service) Share(_ context.Context, r *wire.ShareRequest) (*wire.ShareResponse, error) {
	return &wire.ShareResponse{Result: &wire.ShareResponse_OpenUrl{OpenUrl: "https://social.example/share?url=" + r.GetItem().GetUrl()}}, nil
}

func main() {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  wire.Handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{wire.Major: {wire.Name: &service{}}},
		GRPCServer:       plugin.DefaultGRPCServer,
	})
}
