// Tomcat, HTTP/1.1 and HTTP/2 in clear text on one port: files, and the length of what is posted.

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;

public class TomcatServer {
  static final Path WWW = Path.of(System.getenv("WWW"));

  public static void main(String[] words) throws Exception {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(System.getenv("HOME"));
    Connector connector = new Connector("org.apache.coyote.http11.Http11NioProtocol");
    connector.setProperty("address", "127.0.0.1");
    connector.setProperty("maxKeepAliveRequests", "-1");
    connector.setPort(Integer.parseInt(System.getenv("PORT")));
    connector.addUpgradeProtocol(unhurried());
    tomcat.setConnector(connector);
    var context = tomcat.addContext("", System.getenv("HOME"));
    Tomcat.addServlet(context, "all", new Files2());
    context.addServletMappingDecoded("/", "all");
    tomcat.start();
    tomcat.getServer().await();
  }

  // Without its defence against small frames, which bare closes connections that talk in such.
  static Http2Protocol unhurried() {
    Http2Protocol http2 = new Http2Protocol();
    http2.setOverheadCountFactor(0);
    http2.setOverheadResetFactor(0);
    http2.setOverheadContinuationThreshold(0);
    http2.setOverheadDataThreshold(0);
    http2.setOverheadWindowUpdateThreshold(0);
    return http2;
  }

  static class Files2 extends HttpServlet {
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
      String path = request.getRequestURI(), query = request.getQueryString();
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
}
