package function

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Handle answers every request. Secrets, streaming and what else there is: README.md.
func Handle(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Name string }
	json.NewDecoder(r.Body).Decode(&asked) // no body, or one that is no JSON, names nobody
	if asked.Name == "" {
		asked.Name = "World"
	}
	fmt.Printf("call %s: %s %s\n", r.Header.Get("X-Call-Id"), r.Method, r.URL.Path)
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]string{"message": "Hello, " + asked.Name + "!"})
}
