package sdk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// MaxMessage bounds every message on the wire, in bytes, both ways.
const MaxMessage = 1 << 20

// maxDetail bounds the words of a failure, in characters.
const maxDetail = 300

// service answers the host's calls out of a Plugin.
type service struct {
	plugin.NetRPCUnsupportedPlugin
	wire.UnimplementedShareTargetServer

	plugin     Plugin
	descriptor Descriptor
}

// window is how many bytes may be under way on a connection. As it is named, gRPC
// does not measure by pings what the way would bear.
const window = 2 * MaxMessage

func newServer(opts []grpc.ServerOption) *grpc.Server {
	opts = append(opts,
		grpc.MaxRecvMsgSize(MaxMessage), grpc.MaxSendMsgSize(MaxMessage),
		grpc.InitialWindowSize(window), grpc.InitialConnWindowSize(window),
		grpc.UnaryInterceptor(recoverPanic))
	if c := wire.HostOnly(); c != nil {
		opts = append(opts, grpc.Creds(c))
	}
	return grpc.NewServer(opts...)
}

// recoverPanic turns a panic in one call into an error of that call, so that
// the other calls of the process live on. The stack goes to the log.
func recoverPanic(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	defer func() {
		if r := recover(); r != nil {
			slog.ErrorContext(ctx, "panic in a call", "call", info.FullMethod, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = status.Error(codes.Internal, "panic in the plugin")
		}
	}()
	return next(ctx, req)
}

// GRPCServer registers the service, as go-plugin asks.
func (s *service) GRPCServer(_ *plugin.GRPCBroker, server *grpc.Server) error {
	wire.RegisterShareTargetServer(server, s)
	return nil
}

// GRPCClient is the host's half; a plugin has none.
func (s *service) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.New("a plugin is no client")
}

// Describe answers what the plugin offers.
func (s *service) Describe(context.Context, *wire.DescribeRequest) (*wire.Descriptor, error) {
	return toWire(s.descriptor), nil
}

// Share asks the target for its address, or has it post. What the target refuses is
// an answer (Failure), not an error of the call.
func (s *service) Share(ctx context.Context, r *wire.ShareRequest) (*wire.ShareResponse, error) {
	t, info, err := s.target(r.GetTarget(), func(t Target, i TargetInfo) bool { return i.Kind == KindLink || t.Post != nil })
	if err != nil {
		return nil, err
	}
	if info.Kind != KindLink {
		return s.post(ctx, t, info, r), nil
	}
	address, err := s.plugin.Address(r.GetTarget(), itemFromWire(r))
	if err != nil {
		return &wire.ShareResponse{Result: &wire.ShareResponse_Failure{Failure: &wire.Failure{
			Code: wire.Failure_CODE_REJECTED, Detail: Clip(Plain(err.Error()), maxDetail, nil),
		}}}, nil
	}
	return &wire.ShareResponse{Result: &wire.ShareResponse_OpenUrl{OpenUrl: address}}, nil
}

func itemFromWire(r *wire.ShareRequest) Item {
	w := r.GetItem()
	i := Item{
		URL: w.GetUrl(), Title: w.GetTitle(), Description: w.GetDescription(), Lang: w.GetLang(),
		ImageURL: w.GetImageUrl(), IssuerName: w.GetIssuerName(), IssuerURL: w.GetIssuerUrl(),
		CredentialID: w.GetCredentialId(), Issued: moment(w.GetIssuedUnix()), Expires: moment(w.GetExpiresUnix()),
		Tags: w.GetTags(), EarnerName: w.GetEarnerName(), IssuerIDs: w.GetIssuerIds(),
		Text: r.GetText(), ViewerLang: r.GetLang(), Instance: r.GetInstance(),
		ImagePNG: w.GetImagePng(), ImageAlt: w.GetImageAlt(),
	}
	i.Type = itemType(w.GetType())
	return i
}

func moment(unix int64) time.Time {
	if unix == 0 {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}
