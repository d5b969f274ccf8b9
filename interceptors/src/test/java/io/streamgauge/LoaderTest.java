package io.streamgauge;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.GateCases;
import java.io.File;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An application that is taken out of a container takes us with it (gate R8). */
@Tag("leak")
@Gate("R8")
class LoaderTest {

  @Test
  void noClassLoaderIsHeld() throws Exception {
    int times = Boolean.getBoolean("test.full") ? 50 : 8;
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      loaders.add(comeAndGo());
    }
    // gRPC's own timer keeps the last one for a second after its last channel.
    await()
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(loaders).allSatisfy(loader -> assertThat(loader.get()).isNull());
            });
    GateCases.add(times);
  }

  private static WeakReference<ClassLoader> comeAndGo() throws Exception {
    try (URLClassLoader loader =
        new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
      Callable<?> program =
          (Callable<?>)
              loader
                  .loadClass(LoaderProgram.class.getName())
                  .getDeclaredConstructor()
                  .newInstance();
      FutureTask<Object> task = new FutureTask<>(program::call);
      // A thread of its own: what it leaves on its thread goes with it.
      Thread thread = new Thread(task, "application");
      thread.setContextClassLoader(loader);
      thread.start();
      assertThat(task.get()).isEqualTo("come and gone");
      thread.join();
      return new WeakReference<>(loader);
    }
  }

  private static URL[] classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(LoaderTest::url)
        .toArray(URL[]::new);
  }

  private static URL url(String entry) {
    try {
      return new File(entry).toURI().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }
}
