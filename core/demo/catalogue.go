package demo

import "slices"

// catalogue are all classes, those of the samples last.
func catalogue() []*class {
	return slices.Concat(collegeClasses(), makersClasses(), rangersClasses(), sampleClasses())
}
