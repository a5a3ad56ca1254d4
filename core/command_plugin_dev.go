package core

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/osier-passport/osier/core/share"
	"github.com/osier-passport/osier/core/share/dev"
)

type pluginDevCommand struct {
	Dir string `arg:"" type:"existingdir" help:"The plugin's folder: one with a go.mod is built each time that a file is saved."`

	Listen string `default:"localhost:8090" placeholder:"ADDR" help:"Address of the page, on this machine."`
}

// Run serves the workshop until it is interrupted.
func (c pluginDevCommand) Run(ctx context.Context, s Streams) (err error) {
	if _, err := os.Stat(filepath.Join(c.Dir, manifestFile)); err != nil {
		return fmt.Errorf("a plugin's folder has a %s: osier plugin new writes one: %w", manifestFile, err)
	}
	folder, err := os.MkdirTemp("", "osier-dev-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	w, err := dev.New(dev.Options{
		Dir: c.Dir, Item: share.Sample, Out: s.Out, Folder: folder,
		Build: func(ctx context.Context) (string, func(), error) { return buildIfSource(ctx, c.Dir) },
		Words: func(err error) string { return pluginWords(err).Error() },
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	ln, err := listenOn(ctx, c.Listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "the workshop is at http://%s\n", ln.Addr())
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		w.Watch(watching)
	}()
	defer func() { stop(); <-watched }()
	server := &http.Server{Handler: w.Handler(), ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
