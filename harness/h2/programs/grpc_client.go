// A gRPC client by grpc-go: see grpc_service.txt for what it is told and prints.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
)

type bytesAsTheyAre struct{}

func (bytesAsTheyAre) Marshal(value interface{}) ([]byte, error) { return *value.(*[]byte), nil }
func (bytesAsTheyAre) Unmarshal(data []byte, value interface{}) error {
	*value.(*[]byte) = append([]byte(nil), data...)
	return nil
}
func (bytesAsTheyAre) Name() string   { return "" }
func (bytesAsTheyAre) String() string { return "" }

func echoed(chat grpc.ClientStream, word string) bool {
	said, heard := []byte(word), []byte(nil)
	return chat.SendMsg(&said) == nil && chat.RecvMsg(&heard) == nil && string(heard) == word
}

func ended(chat grpc.ClientStream) string {
	var heard []byte
	chat.CloseSend()
	if err := chat.RecvMsg(&heard); err != io.EOF {
		return fmt.Sprint(err)
	}
	return "whole"
}

func length(channel *grpc.ClientConn, size int) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	request, answer := make([]byte, size), []byte(nil)
	err := channel.Invoke(ctx, "/lastcall.Test/Length", &request, &answer)
	if err == nil && string(answer) != strconv.Itoa(size) {
		err = fmt.Errorf("a wrong answer: %q", answer)
	}
	return err
}

func main() {
	requests, _ := strconv.Atoi(os.Args[2])
	clients, _ := strconv.Atoi(os.Args[3])
	channel, err := grpc.Dial(os.Args[1], grpc.WithInsecure(),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(bytesAsTheyAre{})))
	if err != nil {
		panic(err)
	}
	both := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	chat, err := channel.NewStream(context.Background(), both, "/lastcall.Test/Chat")
	if err != nil {
		panic(err)
	}
	whole := echoed(chat, "first")
	numbers := make(chan int)
	failures := make(chan string, requests)
	var group sync.WaitGroup
	for client := 0; client < clients; client++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for number := range numbers {
				if err := length(channel, number%100); err != nil {
					failures <- err.Error()
				}
			}
		}()
	}
	for number := 0; number < requests; number++ {
		numbers <- number
	}
	close(numbers)
	group.Wait()
	long := "no echo"
	if echoed(chat, "last") && whole {
		long = ended(chat)
	}
	report(requests, failures, long)
}

func report(requests int, failures chan string, long string) {
	failed := len(failures)
	errors := map[string]int{}
	for number := 0; number < failed; number++ {
		errors[<-failures]++
	}
	json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"ok": requests - failed, "failed": failed, "errors": errors, "long": long})
	io.ReadAll(os.Stdin)
}
