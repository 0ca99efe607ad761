// A gRPC client by the C core as C++ has it: see grpc_service.txt for what it is told and prints.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using grpc::ByteBuffer;

static ByteBuffer buffer(const std::string &text) {
  const grpc::Slice slice(text);
  return {&slice, 1};
}

static std::string text(const ByteBuffer &message) {
  std::vector<grpc::Slice> slices;
  std::string whole;
  if (!message.Valid() || !message.Dump(&slices).ok()) return whole;
  for (const auto &slice : slices) whole.append(reinterpret_cast<const char *>(slice.begin()), slice.size());
  return whole;
}

// One operation at a time on a queue of its own: whether it went well.
static bool done(grpc::CompletionQueue &queue) {
  void *tag = nullptr;
  bool well = false;
  return queue.Next(&tag, &well) && well;
}

static std::chrono::system_clock::time_point patience() {
  return std::chrono::system_clock::now() + std::chrono::seconds(60);
}

class Chat {
public:
  explicit Chat(grpc::GenericStub &stub) : stream_(stub.PrepareCall(&context_, "/lastcall.Test/Chat", &queue_)) {
    stream_->StartCall(nullptr);
    done(queue_);
  }

  bool echoed(const std::string &word) {
    ByteBuffer answer;
    stream_->Write(buffer(word), nullptr);
    if (!done(queue_)) return false;
    stream_->Read(&answer, nullptr);
    return done(queue_) && text(answer) == word;
  }

  std::string end() {
    grpc::Status status;
    stream_->WritesDone(nullptr);
    done(queue_);
    stream_->Finish(&status, nullptr);
    done(queue_);
    return status.ok() ? "whole" : status.error_message();
  }

private:
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

static std::string length(grpc::GenericStub &stub, int size) {
  grpc::ClientContext context;
  context.set_deadline(patience());
  grpc::CompletionQueue queue;
  grpc::Status status;
  ByteBuffer answer;
  auto call = stub.PrepareUnaryCall(&context, "/lastcall.Test/Length", buffer(std::string(size, 'x')), &queue);
  call->StartCall();
  call->Finish(&answer, &status, nullptr);
  done(queue);
  if (!status.ok()) return status.error_message();
  return text(answer) == std::to_string(size) ? "" : "a wrong answer";
}

int main(int count, char **words) {
  const int requests = std::atoi(words[2]), clients = std::atoi(words[3]);
  const int fixed = count > 4 ? std::atoi(words[4]) : -1;
  grpc::GenericStub stub(grpc::CreateChannel(words[1], grpc::InsecureChannelCredentials()));
  Chat chat(stub);
  bool echoed = chat.echoed("first");
  std::atomic<int> sent = 0, ok = 0;
  std::mutex lock;
  std::map<std::string, int> errors;
  std::vector<std::thread> threads;
  for (int client = 0; client < clients; client++)
    threads.emplace_back([&] {
      for (int number; (number = sent++) < requests;) {
        const std::string error = length(stub, fixed < 0 ? number % 100 : fixed);
        if (error.empty()) {
          ok++;
          continue;
        }
        const std::lock_guard guard(lock);
        errors[error]++;
      }
    });
  for (auto &thread : threads) thread.join();
  echoed = chat.echoed("last") && echoed;
  std::string told;
  for (const auto &[error, times] : errors)
    told += (told.empty() ? "\"" : ", \"") + error + "\": " + std::to_string(times);
  std::printf("{\"ok\": %d, \"failed\": %d, \"errors\": {%s}, \"long\": \"%s\"}\n", ok.load(),
              requests - ok.load(), told.c_str(), echoed ? chat.end().c_str() : "no echo");
  std::fflush(stdout);
  while (std::getchar() != EOF) {}
}
