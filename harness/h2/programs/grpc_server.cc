// gRPC's C core as C++ has it: the service of grpc_service.txt by a generic callback service.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <iterator>
#include <string>

using grpc::ByteBuffer;

static std::string content(const char *name) {
  std::ifstream file(std::string(std::getenv("WWW")) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

static const std::string small = content("small.txt"), big = content("big.bin");

static ByteBuffer buffer(const std::string &text) {
  const grpc::Slice slice(text);
  return {&slice, 1};
}

class Call final : public grpc::ServerGenericBidiReactor {
public:
  explicit Call(grpc::GenericCallbackServerContext *context)
      : method_(context->method().substr(context->method().rfind('/') + 1)) {
    const std::string peer = context->peer();
    std::fprintf(stderr, "%s %s\n", method_.c_str(), peer.substr(peer.rfind(':') + 1).c_str());
    StartRead(&request_);
  }

  void OnReadDone(bool more) override {
    if (!more) return Finish(grpc::Status::OK);
    answer_ = method_ == "Chat" ? request_ : buffer(text());
    StartWrite(&answer_);
  }

  void OnWriteDone(bool written) override {
    if (!written) return Finish(grpc::Status::CANCELLED);
    if (method_ == "Chat")
      StartRead(&request_);
    else
      Finish(grpc::Status::OK);
  }

  void OnDone() override { delete this; }

private:
  std::string text() const {
    if (method_ == "Small") return small;
    return method_ == "Big" ? big : std::to_string(request_.Length());
  }

  std::string method_;
  ByteBuffer request_, answer_;
};

class Service final : public grpc::CallbackGenericService {
  grpc::ServerGenericBidiReactor *CreateReactor(grpc::GenericCallbackServerContext *context) override {
    return new Call(context);
  }
};

int main() {
  Service service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(std::string("127.0.0.1:") + std::getenv("PORT"),
                           grpc::InsecureServerCredentials());
  builder.RegisterCallbackGenericService(&service);
  builder.SetMaxReceiveMessageSize(-1);
  if (const char *age = std::getenv("OWN_AGE_MS"))
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, std::atoi(age));
  builder.BuildAndStart()->Wait();
}
