package host

import (
	"time"

	"github.com/osier-passport/osier/core/fault"
)

// problem is a fault that greys a plugin's button: Unavailable, with the plugin's
// id as argument of the sentence.
func problem(id, key string) *fault.Error {
	return fault.New(fault.Unavailable, "plugin.error."+key).With("plugin", id)
}

func unknownPlugin(id string) *fault.Error {
	return fault.New(fault.NotFound, "plugin.error.unknown").With("plugin", id)
}

func unknownTarget(id, target string) *fault.Error {
	return fault.New(fault.NotFound, "plugin.error.target").With("plugin", id).With("target", target)
}

// disabled is what a person is told of a plugin that may not run; why, which
// names files, is for the log and Status.Reason.
func disabled(id string, why *fault.Error) *fault.Error {
	return problem(id, "disabled").Wrap(why)
}

// waiting says how long a crashed plugin is left alone.
func waiting(id string, left time.Duration) *fault.Error {
	return problem(id, "backoff").After(left)
}

// badAnswer says what was wrong with an answer.
func badAnswer(id string, err error) *fault.Error {
	return problem(id, "answer").With("detail", err.Error()).Wrap(err)
}
