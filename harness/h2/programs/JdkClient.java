// The JDK's own HTTP client, which comes to HTTP/2 by upgrade: so many GETs of /length, so many at once.
// Prints and ends as grpc_service.txt says; it has no long stream.

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

public class JdkClient {
  public static void main(String[] words) throws Exception {
    int requests = Integer.parseInt(words[1]), clients = Integer.parseInt(words[2]);
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + words[0] + "/length"))
        .timeout(Duration.ofMinutes(1)).build();
    client.send(request, BodyHandlers.ofString()); // the upgrade, before several want it at once
    AtomicInteger sent = new AtomicInteger(1), ok = new AtomicInteger(1);
    ConcurrentHashMap<String, Integer> errors = new ConcurrentHashMap<>();
    Runnable visit = () -> {
      while (sent.getAndIncrement() < requests)
        try {
          var answer = client.send(request, BodyHandlers.ofString());
          if (answer.statusCode() == 200 && answer.body().equals("0")) ok.incrementAndGet();
          else errors.merge("a wrong answer", 1, Integer::sum);
        } catch (Exception error) {
          errors.merge(String.valueOf(error.getMessage()), 1, Integer::sum);
        }
    };
    var pool = Executors.newFixedThreadPool(clients);
    for (int each = 0; each < clients; each++) pool.execute(visit);
    pool.shutdown();
    pool.awaitTermination(120, TimeUnit.SECONDS);
    StringBuilder told = new StringBuilder();
    errors.forEach((error, times) -> told.append(told.length() == 0 ? "" : ", ")
        .append('"').append(error.replaceAll("[\"\\\\\\n]", "'")).append("\": ").append(times));
    System.out.printf("{\"ok\": %d, \"failed\": %d, \"errors\": {%s}, \"long\": \"none\"}%n", ok.get(),
        requests - ok.get(), told);
    System.out.flush();
    System.in.readAllBytes();
    System.exit(0);
  }
}
