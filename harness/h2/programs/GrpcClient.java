// A gRPC client by grpc-java on netty: see grpc_service.txt for what it is told and prints.

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

public class GrpcClient {
  static class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    public InputStream stream(byte[] value) { return new ByteArrayInputStream(value); }
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    }
  }

  static MethodDescriptor<byte[], byte[]> method(String name, MethodDescriptor.MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder().setType(type)
        .setFullMethodName("lastcall.Test/" + name)
        .setRequestMarshaller(new Bytes()).setResponseMarshaller(new Bytes()).build();
  }

  static class Chat implements StreamObserver<byte[]> {
    final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    StreamObserver<byte[]> said;
    public void onNext(byte[] word) { heard.add(new String(word)); }
    public void onError(Throwable error) { heard.add(String.valueOf(error.getMessage())); }
    public void onCompleted() { heard.add("whole"); }
    String echo(String word) throws InterruptedException {
      said.onNext(word.getBytes());
      return heard.poll(60, TimeUnit.SECONDS);
    }
    String end() throws InterruptedException {
      said.onCompleted();
      return heard.poll(60, TimeUnit.SECONDS);
    }
  }

  public static void main(String[] words) throws Exception {
    int requests = Integer.parseInt(words[1]), clients = Integer.parseInt(words[2]);
    String[] address = words[0].split(":");
    ManagedChannel channel = NettyChannelBuilder.forAddress(address[0], Integer.parseInt(address[1]))
        .usePlaintext().build();
    var length = method("Length", MethodDescriptor.MethodType.UNARY);
    var both = method("Chat", MethodDescriptor.MethodType.BIDI_STREAMING);
    Chat chat = new Chat();
    chat.said = ClientCalls.asyncBidiStreamingCall(channel.newCall(both, CallOptions.DEFAULT), chat);
    boolean echoed = "first".equals(chat.echo("first"));
    AtomicInteger sent = new AtomicInteger(), ok = new AtomicInteger();
    ConcurrentHashMap<String, Integer> errors = new ConcurrentHashMap<>();
    var pool = Executors.newFixedThreadPool(clients);
    for (int client = 0; client < clients; client++)
      pool.execute(() -> {
        for (int number; (number = sent.getAndIncrement()) < requests;)
          try {
            int size = number % 100;
            byte[] answer = ClientCalls.blockingUnaryCall(channel, length,
                CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS), new byte[size]);
            if (new String(answer).equals(String.valueOf(size))) ok.incrementAndGet();
            else errors.merge("a wrong answer", 1, Integer::sum);
          } catch (RuntimeException error) {
            errors.merge(String.valueOf(error.getMessage()), 1, Integer::sum);
          }
      });
    pool.shutdown();
    pool.awaitTermination(120, TimeUnit.SECONDS);
    echoed &= "last".equals(chat.echo("last"));
    StringBuilder told = new StringBuilder();
    errors.forEach((error, times) -> told.append(told.length() == 0 ? "" : ", ")
        .append('"').append(error.replaceAll("[\"\\\\\\n]", "'")).append("\": ").append(times));
    System.out.printf("{\"ok\": %d, \"failed\": %d, \"errors\": {%s}, \"long\": \"%s\"}%n", ok.get(),
        requests - ok.get(), told, echoed ? chat.end() : "no echo");
    System.out.flush();
    System.in.readAllBytes();
    System.exit(0);
  }
}
