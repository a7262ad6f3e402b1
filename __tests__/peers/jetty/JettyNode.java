import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.security.Constraint;
import org.eclipse.jetty.security.HashLoginService;
import org.eclipse.jetty.security.SecurityHandler;
import org.eclipse.jetty.security.UserStore;
import org.eclipse.jetty.security.authentication.DigestAuthenticator;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.security.Credential;

/** A node of Ops Manager: Jetty's own digest in front of an Ops Manager that asks for none. */
public class JettyNode {
  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    String upstream = args[1], realm = args[2], user = args[3], key = args[4], algorithm = args[5];
    UserStore users = new UserStore();
    users.addUser(user, Credential.getCredential(key), new String[] {"user"});
    HashLoginService login = new HashLoginService(realm);
    login.setUserStore(users);
    DigestAuthenticator digest = new DigestAuthenticator();
    // Older ones know MD5 alone, and have no such method.
    if (!algorithm.equals("MD5") || has(digest, "setAlgorithm")) {
      digest.getClass().getMethod("setAlgorithm", String.class).invoke(digest, algorithm);
    }
    SecurityHandler.PathMapped security = new SecurityHandler.PathMapped();
    security.put("/*", Constraint.ANY_USER);
    security.setLoginService(login);
    security.setAuthenticator(digest);
    security.setHandler(new Forwarder(upstream));
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    server.addConnector(connector);
    server.setHandler(security);
    server.start();
    server.join();
  }

  private static boolean has(Object object, String method) {
    for (var each : object.getClass().getMethods()) if (each.getName().equals(method)) return true;
    return false;
  }

  private static class Forwarder extends Handler.Abstract {
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String upstream;

    Forwarder(String upstream) {
      this.upstream = upstream;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      String body = Content.Source.asString(request);
      HttpRequest passed = HttpRequest.newBuilder(URI.create(upstream + request.getHttpURI().getPathQuery()))
          .method(request.getMethod(), body.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body))
          .build();
      HttpResponse<byte[]> reply = client.send(passed, HttpResponse.BodyHandlers.ofByteArray());
      response.setStatus(reply.statusCode());
      response.getHeaders().put("Content-Type", "application/json");
      response.write(true, ByteBuffer.wrap(reply.body()), callback);
      return true;
    }
  }
}
