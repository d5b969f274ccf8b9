package io.streamgauge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A new project outside the tree, made of nothing but the README's dependency block and its ten
 * lines, against the artifacts this build has just made.
 */
@Tag("e2e")
class ReadmeIT {

  private static final String VERSION = System.getProperty("project.version");

  /** Unlike any version a local repository may hold, so that nothing stale is tested. */
  private static final String UNIQUE = VERSION + "-it-" + System.nanoTime();

  private static final Path ROOT = Path.of(System.getProperty("project.root"));

  private static final Path LOCAL = Path.of(System.getProperty("local.repository"));

  @TempDir Path directory;

  private static String block(String readme, String language, String containing) {
    Matcher fences =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(readme);
    while (fences.find()) {
      if (fences.group(1).contains(containing)) {
        return fences.group(1);
      }
    }
    throw new AssertionError("the README has no " + language + " block with " + containing);
  }

  @Test
  void theReadmesStreamGetsStuckAndIsNamed() throws Exception {
    String readme = Files.readString(ROOT.resolve("README.md"));
    String lines = block(readme, "java", "Streamgauge.builder()");
    Path repository = directory.resolve("repository");
    place(repository, "streamgauge-parent", ROOT.resolve("pom.xml"), null);
    place(
        repository,
        "streamgauge-interceptors",
        ROOT.resolve("interceptors/pom.xml"),
        ROOT.resolve("interceptors/target/streamgauge-interceptors-" + VERSION + ".jar"));
    Path project = directory.resolve("hello");
    Path source = project.resolve("src/main/java/Hello.java");
    Files.createDirectories(source.getParent());
    Files.writeString(
        source,
        block(readme, "java", "import io.streamgauge")
            + "public class Hello {\n  public static void main(String[] args) throws Exception {\n"
            + lines
            + "    System.exit(0);\n  }\n}\n");
    Files.writeString(
        project.resolve("pom.xml"),
        pom(repository, block(readme, "xml", "<dependency>").replace(VERSION, UNIQUE)));

    run(
        project,
        maven(),
        "-B",
        "-q",
        "compile",
        "dependency:build-classpath",
        "-Dmdep.outputFile=cp");
    String output =
        run(
            project,
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            "target/classes" + File.pathSeparator + Files.readString(project.resolve("cp")).strip(),
            "Hello");

    String printed =
        "CLIENT grpc.reflection.v1.ServerReflection/ServerReflectionInfo stands still:";
    assertThat(readme).contains("It prints `" + printed + " no_demand`");
    assertThat(output).contains(printed + " no_demand");
  }

  /** The program's class path came through the user's local repository; ours leaves it again. */
  @AfterEach
  void forget() throws IOException {
    for (String artifact : List.of("streamgauge-parent", "streamgauge-interceptors")) {
      Path home = LOCAL.resolve("io/streamgauge/" + artifact + "/" + UNIQUE);
      if (Files.isDirectory(home)) {
        try (Stream<Path> files = Files.walk(home)) {
          for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
      }
    }
  }

  /** As mvn install would: the pom, and the jar if there is one. */
  private static void place(Path repository, String artifact, Path pom, Path jar)
      throws IOException {
    Path home = repository.resolve("io/streamgauge/" + artifact + "/" + UNIQUE);
    Files.createDirectories(home);
    Files.writeString(
        home.resolve(artifact + "-" + UNIQUE + ".pom"),
        Files.readString(pom).replace("<version>" + VERSION + "<", "<version>" + UNIQUE + "<"));
    if (jar != null) {
      Files.copy(jar, home.resolve(artifact + "-" + UNIQUE + ".jar"));
    }
  }

  private static String pom(Path repository, String dependencies) {
    return """
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <groupId>hello</groupId>
          <artifactId>hello</artifactId>
          <version>1</version>
          <properties>
            <maven.compiler.release>17</maven.compiler.release>
            <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
          </properties>
          <repositories><repository><id>built</id><url>%s</url></repository></repositories>
          <dependencies>%s</dependencies>
          <build><pluginManagement><plugins>
            <plugin><artifactId>maven-compiler-plugin</artifactId><version>3.14.1</version></plugin>
            <plugin><artifactId>maven-resources-plugin</artifactId><version>3.4.0</version></plugin>
            <plugin><artifactId>maven-dependency-plugin</artifactId><version>3.9.0</version></plugin>
          </plugins></pluginManagement></build>
        </project>
        """
        .formatted(repository.toUri(), dependencies);
  }

  private static String maven() {
    String home = System.getProperty("maven.home");
    return home == null ? "mvn" : Path.of(home, "bin", "mvn").toString();
  }

  private static String run(Path project, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(List.of(command)).directory(project.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeIf(key -> key.startsWith("STREAMGAUGE_"));
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
