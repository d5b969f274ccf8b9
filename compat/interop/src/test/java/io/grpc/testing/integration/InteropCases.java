package io.grpc.testing.integration;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Runs grpc-java's client main class, unmodified, once for each case that needs no cloud
 * credentials, and says which passed.
 */
final class InteropCases {

  private static final Set<TestCases> NEED_CREDENTIALS =
      Set.of(
          TestCases.COMPUTE_ENGINE_CREDS,
          TestCases.COMPUTE_ENGINE_CHANNEL_CREDENTIALS,
          TestCases.SERVICE_ACCOUNT_CREDS,
          TestCases.JWT_TOKEN_CREDS,
          TestCases.OAUTH2_AUTH_TOKEN,
          TestCases.PER_RPC_CREDS,
          TestCases.GOOGLE_DEFAULT_CREDENTIALS);

  private InteropCases() {}

  public static void main(String[] args) {
    Set<String> passed = new TreeSet<>();
    Set<String> failed = new TreeSet<>();
    for (TestCases testCase : TestCases.values()) {
      if (!NEED_CREDENTIALS.contains(testCase)) {
        String name = testCase.name().toLowerCase(Locale.ROOT);
        try {
          TestServiceClient.main(arguments(args[0], name));
          passed.add(name);
        } catch (Throwable t) {
          System.out.println(name + ": " + t);
          failed.add(name);
        }
      }
    }
    System.out.println("interop passed " + passed.size() + " " + passed);
    System.out.println("interop failed " + failed.size() + " " + failed);
    System.exit(0);
  }

  private static String[] arguments(String port, String name) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server_host=127.0.0.1",
                "--server_port=" + port,
                "--use_tls=false",
                "--test_case=" + name));
    if (name.startsWith("orca_")) {
      arguments.add(
          "--service_config_json={\"loadBalancingConfig\":"
              + "[{\"test_backend_metrics_load_balancer\":{}}]}");
    }
    return arguments.toArray(new String[0]);
  }
}
