package core

import (
	"context"
	"encoding/json"

	"github.com/osier-passport/osier/core/control"
)

// operations is what the commands may ask of the passport that runs.
func (a *app) operations() map[string]control.Handler {
	return map[string]control.Handler{
		"plugins":       a.onPlugins,
		"plugin.switch": a.onPluginSwitch,
		"plugin.accept": a.onPluginAccept,
		"plugin.forget": a.onPluginForget,
		"share.retry":   a.onShareRetry,
		"shares.undone": a.onUndone,
		"share.send":    a.onShareSend,
		"app.add":       a.onAppAdd,
		"app.list":      a.onAppList,
		"app.remove":    a.onAppRemove,
	}
}

func (a *app) onPlugins(ctx context.Context, _ json.RawMessage) (any, error) {
	return pluginLines(ctx, a.share)
}

// pluginSwitch is the input of plugin.switch.
type pluginSwitch struct {
	ID string `json:"id"` // of a plugin, or of a target: links.xing
	On bool   `json:"on"`
}

func (a *app) onPluginSwitch(ctx context.Context, in json.RawMessage) (any, error) {
	var s pluginSwitch
	if err := json.Unmarshal(in, &s); err != nil {
		return nil, err
	}
	return nil, a.switchPlugin(ctx, s)
}

func (a *app) switchPlugin(ctx context.Context, s pluginSwitch) error {
	err := a.share.Disable
	if s.On {
		err = a.share.Enable
	}
	return a.inWords(err(ctx, s.ID))
}

func (a *app) onPluginAccept(ctx context.Context, in json.RawMessage) (any, error) {
	var id string
	if err := json.Unmarshal(in, &id); err != nil {
		return nil, err
	}
	if err := a.plugins.Accept(id); err != nil {
		return nil, pluginWords(err)
	}
	a.share.Refresh(ctx, id)
	return nil, nil
}

func (a *app) onPluginForget(ctx context.Context, in json.RawMessage) (any, error) {
	var id string
	if err := json.Unmarshal(in, &id); err != nil {
		return nil, err
	}
	if err := a.plugins.Forget(ctx, id); err != nil {
		return nil, pluginWords(err)
	}
	a.share.Forget(id)
	return nil, nil
}
