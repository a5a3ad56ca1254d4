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

func newServer(opts []grpc.ServerOption) *grpc.Server {
	return grpc.NewServer(append(opts,
		grpc.MaxRecvMsgSize(MaxMessage), grpc.MaxSendMsgSize(MaxMessage),
		grpc.UnaryInterceptor(recoverPanic))...)
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
	d := s.descriptor
	w := &wire.Descriptor{Id: d.ID, Version: d.Version, ApiMinor: wire.Minor, Hosts: d.Hosts, I18N: map[string]*wire.Strings{}}
	addTexts(w.I18N, "name", d.Name)
	for _, t := range d.Targets {
		addTexts(w.I18N, t.ID, t.Labels)
		w.Targets = append(w.Targets, &wire.Target{
			Id: t.ID, Kind: wire.Kind_KIND_LINK, Items: itemsToWire(t.Items), IconSvg: []byte(t.Icon),
			NeedsInstance: t.NeedsInstance, Off: t.Off, Service: t.Service, Purpose: purposesOnWire[t.Purpose],
		})
	}
	return w, nil
}

// Share asks the target for its address. What the target refuses is an answer
// (Failure), not an error of the call.
func (s *service) Share(_ context.Context, r *wire.ShareRequest) (*wire.ShareResponse, error) {
	address, err := s.plugin.Address(r.GetTarget(), itemFromWire(r))
	if errors.Is(err, ErrNoTarget) {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	if err != nil {
		return &wire.ShareResponse{Result: &wire.ShareResponse_Failure{Failure: &wire.Failure{
			Code: wire.Failure_CODE_REJECTED, Detail: Clip(Plain(err.Error()), maxDetail, nil),
		}}}, nil
	}
	return &wire.ShareResponse{Result: &wire.ShareResponse_OpenUrl{OpenUrl: address}}, nil
}

// FromWire gives a descriptor as it came, not checked: what this version does not
// know is empty.
func FromWire(w *wire.Descriptor) Descriptor {
	texts := func(key string) map[string]string {
		all := map[string]string{}
		for lang, s := range w.GetI18N() {
			if text, ok := s.GetText()[key]; ok {
				all[lang] = text
			}
		}
		return all
	}
	d := Descriptor{ID: w.GetId(), Version: w.GetVersion(), Name: texts("name"), Hosts: w.GetHosts()}
	for _, t := range w.GetTargets() {
		d.Targets = append(d.Targets, targetFromWire(t, texts(t.GetId())))
	}
	return d
}

func targetFromWire(t *wire.Target, labels map[string]string) TargetInfo {
	info := TargetInfo{
		ID: t.GetId(), Labels: labels, Icon: string(t.GetIconSvg()), Service: t.GetService(),
		NeedsInstance: t.GetNeedsInstance(), Off: t.GetOff(), Purpose: PurposePost,
	}
	if t.GetKind() == wire.Kind_KIND_LINK {
		info.Kind = KindLink
	}
	for purpose, on := range purposesOnWire {
		if on == t.GetPurpose() {
			info.Purpose = purpose
		}
	}
	for _, on := range t.GetItems() {
		info.Items = append(info.Items, itemType(on))
	}
	return info
}

func itemType(w wire.ItemType) ItemType {
	for t, on := range itemTypesOnWire {
		if on == w {
			return t
		}
	}
	return ""
}

func addTexts(i18n map[string]*wire.Strings, key string, texts map[string]string) {
	for lang, text := range texts {
		if i18n[lang] == nil {
			i18n[lang] = &wire.Strings{Text: map[string]string{}}
		}
		i18n[lang].Text[key] = text
	}
}

var itemTypesOnWire = map[ItemType]wire.ItemType{
	ItemBadge:   wire.ItemType_ITEM_TYPE_BADGE,
	ItemPage:    wire.ItemType_ITEM_TYPE_PAGE,
	ItemProfile: wire.ItemType_ITEM_TYPE_PROFILE,
}

var purposesOnWire = map[Purpose]wire.Purpose{
	PurposePost:    wire.Purpose_PURPOSE_POST,
	PurposeSend:    wire.Purpose_PURPOSE_SEND,
	PurposeProfile: wire.Purpose_PURPOSE_PROFILE,
}

func itemsToWire(items []ItemType) []wire.ItemType {
	all := make([]wire.ItemType, 0, len(items))
	for _, i := range items {
		all = append(all, itemTypesOnWire[i])
	}
	return all
}

func itemFromWire(r *wire.ShareRequest) Item {
	w := r.GetItem()
	i := Item{
		URL: w.GetUrl(), Title: w.GetTitle(), Description: w.GetDescription(), Lang: w.GetLang(),
		ImageURL: w.GetImageUrl(), IssuerName: w.GetIssuerName(), IssuerURL: w.GetIssuerUrl(),
		CredentialID: w.GetCredentialId(), Issued: moment(w.GetIssuedUnix()), Expires: moment(w.GetExpiresUnix()),
		Tags: w.GetTags(), EarnerName: w.GetEarnerName(), IssuerIDs: w.GetIssuerIds(),
		Text: r.GetText(), ViewerLang: r.GetLang(), Instance: r.GetInstance(),
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
