package gen

import (
	"math"
	"math/rand/v2"
	"sort"
)

// weights picks indexes by weight.
type weights []float64 // running sums

// zipf makes n weights of which a few are large, in a random order.
func zipf(r *rand.Rand, n int) weights {
	const flat, slope = 20, 0.9
	w := make(weights, n)
	for rank, i := range r.Perm(n) {
		w[i] = math.Pow(float64(rank+flat), -slope)
	}
	for i := 1; i < n; i++ {
		w[i] += w[i-1]
	}
	return w
}

// part is the weights from one index up to another.
func (w weights) part(from, to int) weights {
	before := 0.0
	if from > 0 {
		before = w[from-1]
	}
	out := make(weights, to-from)
	for i := range out {
		out[i] = w[from+i] - before
	}
	return out
}

func (w weights) pick(r *rand.Rand) int {
	return min(sort.SearchFloat64s(w, r.Float64()*w[len(w)-1]), len(w)-1)
}
