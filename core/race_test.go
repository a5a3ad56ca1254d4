//go:build race

package core

// raceEnabled says that the race detector makes everything slower and larger.
const raceEnabled = true
