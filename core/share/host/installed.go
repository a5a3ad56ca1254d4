package host

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/osier-passport/osier/plugins/sdk"
)

// probedID stands for the id of a plugin that has not said it yet.
const probedID = "probed"

// Probe starts the executable at path, which is in no plugins folder, has it
// describe itself and ends it. The hash sum (SHA-256, hex) must be that of the
// file. The errors are faults with the reason; nothing is written to plugins.lock.
func (h *Host) Probe(ctx context.Context, path, sum string) (sdk.Descriptor, error) {
	return h.probe(ctx, source{path: path, sum: sum})
}

// ProbeFolder is Probe for a plugin that is the folder dir, in which entry starts it.
func (h *Host) ProbeFolder(ctx context.Context, dir string, entry []string) (sdk.Descriptor, error) {
	sum, err := treeSum(dir, "")
	if err != nil {
		return sdk.Descriptor{}, err
	}
	return h.probe(ctx, source{path: dir, sum: sum, entry: entry})
}

func (h *Host) probe(ctx context.Context, src source) (sdk.Descriptor, error) {
	var err error
	if src.path, err = filepath.Abs(src.path); err != nil {
		return sdk.Descriptor{}, err
	}
	src.id, src.from, src.unnamed = probedID, Community, true
	ctx, cancel := context.WithTimeout(ctx, h.opt.StartTimeout)
	defer cancel()
	p, why := h.launch(ctx, src, newTail(h.opt.Log, h.opt.Clock))
	if why != nil {
		return sdk.Descriptor{}, why
	}
	p.stop(stopGrace)
	return p.descriptor, nil
}

// Try starts plugin id, bundled or not, and asks whether it answers. The errors
// are faults: NotFound, or Unavailable with the reason.
func (h *Host) Try(ctx context.Context, id string) (sdk.Descriptor, error) {
	u, err := h.unit(id)
	if err != nil {
		return sdk.Descriptor{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, h.opt.StartTimeout+h.opt.CallTimeout) // a slow start is told as one
	defer cancel()
	p, release, err := u.acquire(ctx)
	if err != nil {
		return sdk.Descriptor{}, err
	}
	defer release()
	if !p.healthy(ctx, healthTimeout) {
		return sdk.Descriptor{}, problem(id, "hung")
	}
	return p.descriptor, nil
}

// Forget takes plugin id out of plugins.lock after its file is gone, ends what
// still runs of it and shows it no more.
func (h *Host) Forget(ctx context.Context, id string) error {
	if err := h.lock.drop(id); err != nil {
		return fmt.Errorf("forget plugin %s: %w", id, err)
	}
	h.Scan()
	h.mu.Lock()
	u := h.units[id]
	_, there := h.looked[id]
	gone := u != nil && u.community() && !there
	if gone {
		delete(h.units, id)
	}
	h.mu.Unlock()
	if gone {
		h.background(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeGrace)
			defer cancel()
			u.close(ctx)
		})
	}
	return nil
}

// Sum gives the SHA-256 of a file in hexadecimal.
func Sum(path string) (string, error) { return fileSum(path) }
