package strictjson_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

func TestTextsOutliveTheDocumentThatWasGivenBack(t *testing.T) {
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := range 200 {
				name := fmt.Sprintf("badge %d of %d", i, worker)
				v, err := strictjson.Read(fmt.Appendf(nil, `{"name":%q,"escaped":"\u0041%d","list":[1,2,{}]}`, name, i), strictjson.Limits{})
				if err != nil {
					t.Error(err)
					return
				}
				got, escaped := v.Get("name").Text(), v.Get("escaped").Text()
				v.Recycle()
				v.Recycle() // a second time is harmless
				other, err := strictjson.Read([]byte(`{"other":"text","more":[true,false,null]}`), strictjson.Limits{})
				if err != nil || other.Get("other").Text() != "text" || other.Get("more").Len() != 3 {
					t.Errorf("read after giving back: %v, %v", other.Any(), err)
				}
				if got != name || escaped != fmt.Sprintf("A%d", i) {
					t.Errorf("got %q and %q", got, escaped)
				}
			}
		})
	}
	all.Wait()
}
