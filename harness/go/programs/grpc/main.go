// A gRPC server by grpc-go: the service of harness/h2/programs/grpc_service.txt, without protoc.
package main

import (
	"context"
	"io"
	"net"
	"os"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/peer"
)

type bytesAsTheyAre struct{}

func (bytesAsTheyAre) Marshal(value interface{}) ([]byte, error) { return *value.(*[]byte), nil }
func (bytesAsTheyAre) Unmarshal(data []byte, value interface{}) error {
	*value.(*[]byte) = append([]byte(nil), data...)
	return nil
}
func (bytesAsTheyAre) String() string { return "proto" }

type answer func(request []byte) []byte

func content(name string) answer {
	file, err := os.ReadFile(os.Getenv("WWW") + "/" + name)
	if err != nil {
		panic(err)
	}
	return func([]byte) []byte { return file }
}

func length(request []byte) []byte { return []byte(strconv.Itoa(len(request))) }

func noted(name string, ctx context.Context) {
	caller, _ := peer.FromContext(ctx)
	_, port, _ := net.SplitHostPort(caller.Addr.String())
	os.Stderr.WriteString(name + " " + port + "\n")
}

func unary(name string, method answer) grpc.MethodDesc {
	handler := func(_ interface{}, ctx context.Context, decode func(interface{}) error,
		_ grpc.UnaryServerInterceptor) (interface{}, error) {
		var request []byte
		if err := decode(&request); err != nil {
			return nil, err
		}
		noted(name, ctx)
		said := method(request)
		return &said, nil
	}
	return grpc.MethodDesc{MethodName: name, Handler: handler}
}

func chat(_ interface{}, stream grpc.ServerStream) error {
	noted("Chat", stream.Context())
	for {
		var message []byte
		if err := stream.RecvMsg(&message); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := stream.SendMsg(&message); err != nil {
			return err
		}
	}
}

func main() {
	server := grpc.NewServer(grpc.CustomCodec(bytesAsTheyAre{}), grpc.MaxRecvMsgSize(1<<30))
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "lastcall.Test",
		HandlerType: (*interface{})(nil),
		Methods: []grpc.MethodDesc{unary("Small", content("small.txt")), unary("Big", content("big.bin")),
			unary("Length", length)},
		Streams: []grpc.StreamDesc{{StreamName: "Chat", Handler: chat, ServerStreams: true,
			ClientStreams: true}},
	}, nil)
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		panic(err)
	}
	panic(server.Serve(listener))
}
