package share

import "sync"

// lanesOfPlugin bounds the calls to one plugin by jobs of this process: one that is
// slow or stopped leaves the other worksAtOnce to others.
const lanesOfPlugin = 2

// lanes counts the calls that run, by plugin.
type lanes struct {
	mu    sync.Mutex
	taken map[string]int
}

// full tells whether a job of a plugin had better wait. Two that ask at the same time
// may both go on.
func (l *lanes) full(plugin string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.taken[plugin] >= lanesOfPlugin
}

// enter counts a call until leave.
func (l *lanes) enter(plugin string) (leave func()) {
	l.add(plugin, 1)
	return func() { l.add(plugin, -1) }
}

func (l *lanes) add(plugin string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.taken == nil {
		l.taken = map[string]int{}
	}
	if l.taken[plugin] += n; l.taken[plugin] == 0 {
		delete(l.taken, plugin)
	}
}
