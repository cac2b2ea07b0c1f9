package main

import (
	"net/http"
	"os"
)

func main() {
	answer := []byte(`{"hello":"bees"}`)
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(answer)
	}))
}
