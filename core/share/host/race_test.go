//go:build race

package host

const raceEnabled = true // the race detector needs more memory than a plugin may have
