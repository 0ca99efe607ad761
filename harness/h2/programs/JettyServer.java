// Jetty, HTTP/1.1 and HTTP/2 in clear text on one port: files, and the length of what is posted.

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.AbstractHandler;

public class JettyServer {
  static final Path WWW = Path.of(System.getenv("WWW"));

  public static void main(String[] words) throws Exception {
    Server server = new Server();
    HttpConfiguration config = new HttpConfiguration();
    ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(config),
        new HTTP2CServerConnectionFactory(config));
    connector.setHost("127.0.0.1");
    connector.setPort(Integer.parseInt(System.getenv("PORT")));
    connector.setIdleTimeout(60000);
    server.addConnector(connector);
    server.setHandler(new AbstractHandler() {
      public void handle(String path, Request base, HttpServletRequest request,
                         HttpServletResponse response) throws IOException {
        base.setHandled(true);
        answer(path, request, response);
      }
    });
    server.start();
    server.join();
  }

  static void answer(String path, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String query = request.getQueryString();
    System.err.println(request.getMethod() + " " + path + (query == null ? "" : "?" + query) + " "
        + request.getRemotePort());
    byte[] posted = request.getInputStream().readAllBytes();
    Path file = WWW.resolve(path.substring(1));
    byte[] content = path.equals("/length") ? String.valueOf(posted.length).getBytes()
        : Files.isRegularFile(file) ? Files.readAllBytes(file) : "none\n".getBytes();
    response.setContentType("text/plain");
    response.setContentLength(content.length);
    response.getOutputStream().write(content);
  }
}
