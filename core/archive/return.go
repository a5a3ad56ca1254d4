package archive

// Return says of one document of an export what becomes of it when the archive is
// brought back: it comes back as items of some kinds, or it begins anew for a reason
// that lies in its nature.
type Return struct {
	Document string   // its name without folder and ending, such as "badges"
	Kinds    []string // of the items that it comes back as
	Anew     Anew     // why it does not, where it has no kinds
}

// Anew is why something begins anew; the message "mydata.anew." + it says it.
type Anew string

// The reasons.
const (
	Secret  Anew = "secret"  // a password, key, link or device: a copy of it would let somebody in
	Others  Anew = "others"  // what others did or what was agreed with somebody: theirs to do again
	Made    Anew = "made"    // what the passport makes or finds out by itself
	Passing Anew = "passing" // work that waits, or what can be taken back for a while
)
