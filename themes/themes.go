// Package themes holds the bundled themes: the folder default is complete, any
// other needs only the files that it changes.
//
// It owns no table and no event; main hands FS to core/theme.
package themes

import "embed"

// FS is the folders of the bundled themes.
//
//go:embed default
var FS embed.FS
