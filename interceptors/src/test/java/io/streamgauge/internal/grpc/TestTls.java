package io.streamgauge.internal.grpc;

import io.grpc.ChannelCredentials;
import io.grpc.ServerBuilder;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/** One key for both ends of mutual TLS, made by the JDK's keytool, that trusts itself. */
public final class TestTls implements AutoCloseable {

  private static final char[] PASSWORD = "changeit".toCharArray();

  private final Path store;
  private final KeyManagerFactory keys;
  private final TrustManagerFactory trust;

  private TestTls(Path store) throws IOException, GeneralSecurityException {
    this.store = store;
    KeyStore loaded = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      loaded.load(in, PASSWORD);
    }
    keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(loaded, PASSWORD);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("peer", loaded.getCertificate("peer"));
    trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
  }

  /** With these subject alternative names, as {@code dns:name} or {@code uri:value}. */
  public static TestTls create(String... names) throws Exception {
    Path store = Files.createTempDirectory("streamgauge-tls").resolve("peer.p12");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "peer",
                "-keyalg",
                "EC",
                "-dname",
                "CN=peer",
                "-ext",
                "san=dns:localhost," + String.join(",", names),
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                store.toString()));
    Process keytool =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (keytool.waitFor() != 0) {
      throw new IllegalStateException("keytool failed");
    }
    return new TestTls(store);
  }

  /** Asks every client for its certificate. */
  public void use(ServerBuilder<?> server) {
    try {
      ((NettyServerBuilder) server)
          .sslContext(
              GrpcSslContexts.configure(SslContextBuilder.forServer(keys))
                  .trustManager(trust)
                  .clientAuth(ClientAuth.REQUIRE)
                  .build());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public ChannelCredentials client() {
    return TlsChannelCredentials.newBuilder()
        .keyManager(keys.getKeyManagers())
        .trustManager(trust.getTrustManagers())
        .build();
  }

  @Override
  public void close() throws IOException {
    Files.delete(store);
    Files.delete(store.getParent());
  }
}
