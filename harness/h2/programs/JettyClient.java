// Jetty's HTTP client over HTTP/2 in clear text: POSTs to /length, one /chat across.
// Prints and ends as grpc_service.txt says.

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.api.Result;
import org.eclipse.jetty.client.util.BytesContentProvider;
import org.eclipse.jetty.client.util.DeferredContentProvider;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.http.HttpClientTransportOverHTTP2;

public class JettyClient {
  /** One stream that stays open: what is sent comes back. */
  static class Chat {
    final DeferredContentProvider in = new DeferredContentProvider();
    final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    final CountDownLatch over = new CountDownLatch(1);
    volatile Result result;

    Chat(HttpClient client, String url) {
      client.POST(url + "/chat").content(in)
          .onResponseContent((response, content) ->
              heard.add(StandardCharsets.US_ASCII.decode(content).toString()))
          .send(end -> { result = end; over.countDown(); });
    }

    boolean echoes(String word) throws InterruptedException {
      in.offer(ByteBuffer.wrap(word.getBytes()));
      StringBuilder all = new StringBuilder();
      while (all.length() < word.length()) {
        String some = heard.poll(60, TimeUnit.SECONDS);
        if (some == null) return false;
        all.append(some);
      }
      return all.toString().equals(word);
    }

    String ended() throws InterruptedException {
      in.close();
      if (!over.await(60, TimeUnit.SECONDS)) return "open";
      return result.isFailed() ? String.valueOf(result.getFailure()) : heard.isEmpty() ? "whole" : "more";
    }
  }

  static String length(HttpClient client, String url, int size) {
    try {
      var answer = client.POST(url + "/length").content(new BytesContentProvider(new byte[size]))
          .timeout(1, TimeUnit.MINUTES).send();
      boolean right = answer.getStatus() == 200
          && answer.getContentAsString().equals(String.valueOf(size));
      return right ? null : "a wrong answer";
    } catch (Exception error) {
      return String.valueOf(error.getMessage());
    }
  }

  public static void main(String[] words) throws Exception {
    String url = "http://" + words[0];
    int requests = Integer.parseInt(words[1]), clients = Integer.parseInt(words[2]);
    HttpClient client = new HttpClient(new HttpClientTransportOverHTTP2(new HTTP2Client()), null);
    client.setMaxConnectionsPerDestination(2); // the chat's, which may be told to go, and another
    client.start();
    Chat chat = new Chat(client, url);
    boolean whole = chat.echoes("first");
    AtomicInteger next = new AtomicInteger(), failed = new AtomicInteger();
    ConcurrentHashMap<String, Integer> errors = new ConcurrentHashMap<>();
    Runnable visit = () -> {
      for (int number; (number = next.getAndIncrement()) < requests;) {
        String error = length(client, url, number % 100);
        if (error == null) continue;
        failed.incrementAndGet();
        errors.merge(error, 1, Integer::sum);
      }
    };
    var pool = Executors.newFixedThreadPool(clients);
    for (int each = 0; each < clients; each++) pool.execute(visit);
    pool.shutdown();
    pool.awaitTermination(120, TimeUnit.SECONDS);
    String end = chat.echoes("last") && whole ? chat.ended() : "no echo";
    StringBuilder told = new StringBuilder();
    errors.forEach((error, times) -> told.append(told.length() == 0 ? "" : ", ")
        .append('"').append(error.replaceAll("[\"\\\\\\n]", "'")).append("\": ").append(times));
    System.out.printf("{\"ok\": %d, \"failed\": %d, \"errors\": {%s}, \"long\": \"%s\"}%n",
        requests - failed.get(), failed.get(), told, end);
    System.out.flush();
    System.in.readAllBytes();
    System.exit(0);
  }
}
