// jdk.httpserver with a thread per request, so that one slow client holds up no other.
// One line on standard error for each executed request.

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;

public class Jdk {
    static final Path www = Path.of(System.getenv("WWW"));
    static final int UNKNOWN = 0;  // sendResponseHeaders takes 0 for "chunked", -1 for "no content"

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(System.getenv("PORT"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 512);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", Jdk::answer);
        server.start();
    }

    static void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        System.err.println(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        long length = exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
        if (path.equals("/chunks")) sendChunks(exchange);
        else if (path.equals("/length")) send(exchange, 200, Long.toString(length).getBytes());
        else sendFile(exchange, www.resolve(path.substring(1)));
        exchange.close();
    }

    static void sendFile(HttpExchange exchange, Path file) throws IOException {
        if (Files.isRegularFile(file)) send(exchange, 200, Files.readAllBytes(file));
        else send(exchange, 404, "none\n".getBytes());
    }

    static void send(HttpExchange exchange, int status, byte[] content) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/plain");
        boolean bodyless = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, bodyless ? -1 : content.length);
        if (!bodyless) exchange.getResponseBody().write(content);
    }

    static void sendChunks(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, UNKNOWN);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write("first\n".getBytes());
            out.write(("second ".repeat(5000) + "\n").getBytes());
            out.write("third\n".getBytes());
        }
    }
}
