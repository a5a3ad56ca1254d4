package ld

// isRemark reports the one object that may be a second one for the outermost: the subject of
// an endorsement of the credential that it is embedded in (OB3 §B.1.9 EndorsementSubject),
// when it says nothing of its own but its comment.
func isRemark(obj map[string]any) bool {
	for key := range obj {
		if key != "id" && key != "type" && key != "endorsementComment" {
			return false
		}
	}
	names, err := typeNames(obj["type"])
	return err == nil && len(names) == 1 && names[0] == "EndorsementSubject"
}
