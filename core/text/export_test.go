package text

// The steps of Markdown and Plain without their budget of time, which a busy
// machine may exceed.
var (
	Render = render
	Words  = words
)
