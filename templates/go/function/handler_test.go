package function

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func call(body string) string {
	answer := httptest.NewRecorder()
	Handle(answer, httptest.NewRequest("POST", "/", strings.NewReader(body)))
	return strings.TrimSpace(answer.Body.String())
}

func TestGreetsWhomTheBodyNames(t *testing.T) {
	if said := call(`{"name":"Maja"}`); said != `{"message":"Hello, Maja!"}` {
		t.Error(said)
	}
}

func TestGreetsTheWorldWhenNobodyIsNamed(t *testing.T) {
	if said := call(""); said != `{"message":"Hello, World!"}` {
		t.Error(said)
	}
}
