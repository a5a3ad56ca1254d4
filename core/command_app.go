package core

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/osier-passport/osier/core/connect"
)

type appCommand struct {
	Add    appAddCommand    `cmd:"" help:"Set an app up and print what its makers need. Its secret is shown this once."`
	List   appListCommand   `cmd:"" help:"List the apps that were set up."`
	Remove appRemoveCommand `cmd:"" help:"Remove an app. What people allowed it ends at once."`
}

// newApp is the input of app.add.
type newApp struct {
	Name         string   `json:"name"`
	Redirects    []string `json:"redirects"`
	Confidential bool     `json:"confidential"`
}

// appLine is one app, as the commands print it.
type appLine struct {
	ID        string   `json:"id"`
	Secret    string   `json:"secret,omitempty"`
	Name      string   `json:"name"`
	Redirects []string `json:"redirects"`
}

type appAddCommand struct {
	configured

	Name         string   `required:"" help:"Its name, as people are asked."`
	Redirect     []string `required:"" placeholder:"ADDRESS" help:"Where answers may go: https://..., http://127.0.0.1/... or a scheme of its own such as org.example.app:/done. May be given again."`
	Confidential bool     `help:"It runs on a server and can keep a secret."`
}

// Run sets an app up, in the passport that runs where one does.
func (c appAddCommand) Run(ctx context.Context, s Streams) error {
	in := newApp{c.Name, c.Redirect, c.Confidential}
	var made appLine
	err := c.ask(ctx, "app.add", in, &made, func(a *app) (err error) { made, err = a.addApp(ctx, in); return err })
	if err != nil {
		return err
	}
	if _, err = fmt.Fprintf(s.Out, "client_id      %s\n", made.ID); err == nil && made.Secret != "" {
		_, err = fmt.Fprintf(s.Out, "client_secret  %s\n", made.Secret)
	}
	return err
}

type appListCommand struct{ configured }

// Run lists the apps.
func (c appListCommand) Run(ctx context.Context, s Streams) error {
	var list []appLine
	err := c.ask(ctx, "app.list", nil, &list, func(a *app) (err error) { list, err = a.listApps(ctx); return err })
	for _, l := range list {
		if _, err := fmt.Fprintf(s.Out, "%s  %s  %s\n", l.ID, l.Name, strings.Join(l.Redirects, " ")); err != nil {
			return err
		}
	}
	return err
}

type appRemoveCommand struct {
	configured

	ID string `arg:"" help:"Its client_id."`
}

// Run removes an app.
func (c appRemoveCommand) Run(ctx context.Context, s Streams) error {
	err := c.ask(ctx, "app.remove", c.ID, nil, func(a *app) error { return a.removeApp(ctx, c.ID) })
	if err == nil {
		_, err = fmt.Fprintf(s.Out, "removed %s\n", c.ID)
	}
	return err
}

func (a *app) addApp(ctx context.Context, in newApp) (appLine, error) {
	c, secret, err := a.connect.Add(ctx, in.Name, in.Redirects, in.Confidential)
	if refused, ok := errors.AsType[*connect.Refusal](err); ok {
		return appLine{}, errors.New(refused.Text)
	}
	return appLine{c.ID, secret, c.Metadata.Name, c.Metadata.RedirectURIs}, err
}

func (a *app) listApps(ctx context.Context) ([]appLine, error) {
	list, err := a.connect.Clients(ctx)
	lines := make([]appLine, 0, len(list))
	for _, c := range list {
		lines = append(lines, appLine{ID: c.ID, Name: c.Metadata.Name, Redirects: c.Metadata.RedirectURIs})
	}
	return lines, err
}

func (a *app) removeApp(ctx context.Context, id string) error {
	return a.inWords(a.connect.Remove(ctx, id))
}

func (a *app) onAppAdd(ctx context.Context, in json.RawMessage) (any, error) {
	var n newApp
	if err := json.Unmarshal(in, &n); err != nil {
		return nil, err
	}
	return a.addApp(ctx, n)
}

func (a *app) onAppList(ctx context.Context, _ json.RawMessage) (any, error) { return a.listApps(ctx) }

func (a *app) onAppRemove(ctx context.Context, in json.RawMessage) (any, error) {
	var id string
	if err := json.Unmarshal(in, &id); err != nil {
		return nil, err
	}
	return nil, a.removeApp(ctx, id)
}
