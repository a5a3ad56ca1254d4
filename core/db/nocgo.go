//go:build !cgo

package db

// SQLite is C. Without a C compiler Go leaves it out, and this line says so.
var _ = osier_needs_a_C_compiler__install_gcc_or_clang_and_set_CGO_ENABLED_to_1
