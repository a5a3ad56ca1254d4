package pack

// span is text[start:end].
type span struct{ start, end int }

// sharedIn finds what a credential says of its issuer and its class, wherever OB 3.0
// (§B.1), OB 2.0 (embedded objects) and VC-JWT have it. It reads no more than it must
// to find the ends of values: whatever is no JSON shares nothing.
func sharedIn(text []byte) []span {
	w := walker{text: text}
	if w.next() != '{' || !w.object() {
		return nil
	}
	return w.found
}

// walker reads JSON from a place on.
type walker struct {
	text  []byte
	at    int
	depth int
	found []span
}

const walkDeep = 8

// object reads an object from its brace to the one that closes it. It reports false
// when the text is none.
func (w *walker) object() bool {
	if w.depth++; w.depth > walkDeep {
		return false
	}
	w.at++
	for {
		switch w.next() {
		case '"':
		case '}':
			w.at++
			w.depth--
			return true
		default:
			return false
		}
		start := w.at
		if !w.string() {
			return false
		}
		if key := string(w.text[start+1 : w.at-1]); w.next() != ':' || !w.member(key) {
			return false
		}
		if w.next() == ',' {
			w.at++
		}
	}
}

// member reads the value of a key, from the colon on.
func (w *walker) member(key string) bool {
	w.at++
	isObject := w.next() == '{'
	start := w.at
	switch {
	case isObject && (key == "credentialSubject" || key == "vc"):
		return w.object()
	case !w.value():
		return false
	case isObject && (key == "issuer" || key == "achievement" || key == "badge"):
		w.found = append(w.found, span{start, w.at})
	}
	return true
}

// value passes a value of any kind.
func (w *walker) value() bool {
	for deep := 0; ; {
		switch w.next() {
		case '"':
			if !w.string() {
				return false
			}
		case '{', '[':
			deep++
			w.at++
		case '}', ']':
			if deep--; deep < 0 {
				return false
			}
			w.at++
		case ',', ':':
			if deep == 0 {
				return false
			}
			w.at++
			continue
		case 0:
			return false
		default:
			w.word()
		}
		if deep == 0 {
			return true
		}
	}
}

// string passes a string, from its quote on.
func (w *walker) string() bool {
	for w.at++; w.at < len(w.text); w.at++ {
		switch w.text[w.at] {
		case '\\':
			w.at++
		case '"':
			w.at++
			return true
		}
	}
	return false
}

// word passes a number, true, false or null.
func (w *walker) word() {
	for ; w.at < len(w.text); w.at++ {
		switch w.text[w.at] {
		case ' ', '\t', '\r', '\n', ',', ':', '{', '}', '[', ']', '"':
			return
		}
	}
}

// next passes white space and gives the byte after it, 0 at the end.
func (w *walker) next() byte {
	for ; w.at < len(w.text); w.at++ {
		switch c := w.text[w.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}
