package ld

import "github.com/osier-passport/osier/core/openbadge/strictjson"

// isRemark reports the one object that may be a second one for the outermost: the subject of
// an endorsement of the credential that it is embedded in (OB3 §B.1.9 EndorsementSubject),
// when it says nothing of its own but its comment.
func isRemark(obj strictjson.Value) bool {
	for m := obj.Fields(); m.Exists(); m = m.Next() {
		if name := m.Name(); name != "id" && name != "type" && name != "endorsementComment" {
			return false
		}
	}
	types := obj.Get("type")
	return types.Len() == 1 && types.First().Text() == "EndorsementSubject"
}
