package io.streamgauge.console;

import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.TestJvm;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The viewer as users run it: a process of its own, here with a small heap. */
final class ViewerProcess implements AutoCloseable {

  private static final Pattern READY = Pattern.compile("viewer: http://127\\.0\\.0\\.1:(\\d+)/");

  private final HttpClient http = HttpClient.newHttpClient();
  private final Path log;
  private final Process process;
  private final int port;

  /** An error that says that memory has run out ends the process, whichever thread it meets. */
  ViewerProcess(String... arguments) throws IOException {
    log = Files.createTempFile("viewer", ".log");
    String[] all = new String[arguments.length + 3];
    all[0] = ViewerMain.class.getName();
    all[1] = "--port";
    all[2] = "0";
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    process = new TestJvm().options("-Xmx64m", "-XX:+ExitOnOutOfMemoryError").start(log, all);
    Await.await(process, log).until(() -> READY.matcher(log()).find());
    Matcher ready = READY.matcher(log());
    port = ready.find() ? Integer.parseInt(ready.group(1)) : -1;
  }

  int port() {
    return port;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  HttpResponse<String> get(String path) throws InterruptedException, ExecutionException {
    return answer(to(path));
  }

  private HttpResponse<String> answer(HttpRequest.Builder request)
      throws InterruptedException, ExecutionException {
    return Await.get(http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString()));
  }

  HttpResponse<String> post(byte[] body, String... headers)
      throws InterruptedException, ExecutionException {
    HttpRequest.Builder request =
        to("/v1/traces")
            .header("Content-Type", "application/x-protobuf")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return answer(request);
  }

  HttpResponse<String> postGzip(byte[] zipped) throws InterruptedException, ExecutionException {
    return post(zipped, "Content-Encoding", "gzip");
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.destroyForcibly().waitFor();
    Files.delete(log);
  }
}
