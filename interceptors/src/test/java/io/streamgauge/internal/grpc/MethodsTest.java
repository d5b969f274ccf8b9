package io.streamgauge.internal.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.streamgauge.CallType;
import io.streamgauge.internal.stream.WatchedMethod;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which methods have a name of their own, and which are left alone. */
@UnitTest
class MethodsTest {

  private static MethodDescriptor<String, String> descriptor(String fullName, MethodType type) {
    return TestMethods.UNARY.toBuilder()
        .setFullMethodName(fullName)
        .setType(type)
        .setSampledToLocalTracing(true) // as generated code does
        .build();
  }

  private static MethodDescriptor<String, String> invented(String fullName) {
    return TestMethods.UNARY.toBuilder().setFullMethodName(fullName).build();
  }

  private final Methods methods = new Methods(Set.of());

  @ParameterizedTest
  @CsvSource({
    "UNARY, UNARY",
    "CLIENT_STREAMING, CLIENT_STREAM",
    "SERVER_STREAMING, SERVER_STREAM",
    "BIDI_STREAMING, BIDI_STREAM",
    "UNKNOWN, BIDI_STREAM"
  })
  void aMethodIsWhatItsDescriptorSays(MethodType type, CallType expected) {
    WatchedMethod method = methods.of(descriptor("pkg.Service/Method", type));

    assertThat(method.type()).isEqualTo(expected);
    assertThat(method.service()).isEqualTo("pkg.Service");
    assertThat(method.method()).isEqualTo("Method");
    assertThat(method.fullName()).isEqualTo("pkg.Service/Method");
  }

  @Test
  void aNameIsOneMethodHoweverManyDescriptorsThereAre() {
    WatchedMethod first = methods.of(descriptor("pkg.Service/Method", MethodType.UNARY));

    assertThat(methods.of(descriptor("pkg.Service/Method", MethodType.UNARY))).isSameAs(first);
    assertThat(methods.of(descriptor("pkg.Service/Another", MethodType.UNARY))).isNotSameAs(first);
  }

  /** The name comes from the wire, where a caller may write anything. */
  @Test
  void aNameThatNoDescriptorHasIsOther() {
    WatchedMethod known = methods.of(descriptor("pkg.Service/Method", MethodType.UNARY));

    assertThat(methods.known("pkg.Service/Method")).isSameAs(known);
    assertThat(methods.known("pkg.Service/Guessed")).isSameAs(WatchedMethod.OTHER);
    assertThat(methods.known("")).isSameAs(WatchedMethod.OTHER);
  }

  @Test
  void aDescriptorWithoutAServiceHasNoNames() {
    WatchedMethod method = methods.of(descriptor("noslash", MethodType.UNARY));

    assertThat(method.service()).isEqualTo("_OTHER");
    assertThat(method.method()).isEqualTo("_OTHER");
    assertThat(method.fullName()).isEqualTo("_OTHER");
    assertThat(method.type()).isEqualTo(CallType.UNARY);
  }

  @Test
  void namesThatNobodyRegisteredLeaveRoomForThoseThatTheProcessHas() {
    for (int i = 0; i < 2 * Methods.MAX_METHODS; i++) {
      assertThat(methods.of(invented("pkg.Invented/M" + i)) == WatchedMethod.OTHER)
          .as("method %s", i)
          .isEqualTo(i >= Methods.MAX_UNREGISTERED);
    }
    WatchedMethod real = methods.of(descriptor("pkg.Service/Method", MethodType.UNARY));

    assertThat(real).isNotSameAs(WatchedMethod.OTHER);
    assertThat(real.isRegistered()).isTrue();
  }

  @Test
  void aNameIsRegisteredAsSoonAsGeneratedCodeOrTheApplicationNamesIt() {
    for (int i = 0; i < Methods.MAX_UNREGISTERED; i++) {
      assertThat(methods.of(invented("pkg.Service/M" + i)).isRegistered()).isFalse();
    }
    assertThat(methods.of(invented("pkg.Service/Late"))).isSameAs(WatchedMethod.OTHER);
    WatchedMethod first = methods.of(descriptor("pkg.Service/M0", MethodType.UNARY));
    WatchedMethod second = methods.register(invented("pkg.Service/M1"));

    assertThat(first.isRegistered()).isTrue();
    assertThat(second.isRegistered()).isTrue();
    assertThat(methods.of(invented("pkg.Service/M0"))).as("the same").isSameAs(first);
    // Their two places are free again.
    assertThat(methods.of(invented("pkg.Service/Late"))).isNotSameAs(WatchedMethod.OTHER);
    assertThat(methods.register(invented("pkg.Service/Named")).isRegistered()).isTrue();
  }

  /** A service may have more methods than are remembered. */
  @Test
  void methodsStopAtTheCeilingAndThoseKnownStayKnown() {
    WatchedMethod first = methods.of(descriptor("pkg.Service/M0", MethodType.UNARY));
    for (int i = 1; i < Methods.MAX_METHODS - Methods.MAX_UNREGISTERED; i++) {
      assertThat(methods.of(descriptor("pkg.Service/M" + i, MethodType.UNARY)))
          .isNotSameAs(WatchedMethod.OTHER);
    }

    assertThat(methods.of(descriptor("pkg.Service/More", MethodType.UNARY)))
        .isSameAs(WatchedMethod.OTHER);
    assertThat(methods.of(descriptor("pkg.Service/M0", MethodType.UNARY))).isSameAs(first);
  }

  @ParameterizedTest
  @CsvSource({
    "grpc.health.v1.Health/Check, true",
    "grpc.health.v1.Health/Watch, true",
    "grpc.health.v1.Health, true",
    "grpc.health.v1.HealthCare/Check, false",
    "grpc.health.v1/Check, false",
    "xgrpc.health.v1.Health/Check, false",
    "grpc.health.v1.Health/a/b, false",
    "pkg.Service/One, true",
    "pkg.Service/OneMore, false",
    "pkg.Service/Two, false"
  })
  void aServiceOrAMethodIsLeftAloneByItsWholeName(String fullName, boolean excluded) {
    Methods some = new Methods(Set.of("grpc.health.v1.Health", "pkg.Service/One"));

    assertThat(some.isExcluded(fullName)).isEqualTo(excluded);
    assertThat(methods.isExcluded(fullName)).as("nothing excluded").isFalse();
  }
}
