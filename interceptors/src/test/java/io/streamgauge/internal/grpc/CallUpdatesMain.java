package io.streamgauge.internal.grpc;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import io.streamgauge.Streamgauge;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestTransport;
import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * {@code CallUpdatesMain CONFIG CALLERS}: prints how often our classes change something that other
 * threads may change too, for each unary call; for {@link CallUpdatesTest}. The calls to the JDK's
 * atomic classes are counted in the byte code of ours, as it is loaded.
 */
public final class CallUpdatesMain {

  private static final int CALLS = 2_000;

  private static final String ATOMIC = "java/util/concurrent/atomic/";

  private static final Set<String> COMPARES = Set.of("compareAndSet", "weakCompareAndSet");

  private static final Set<String> CHANGES =
      Set.of(
          "getAndAdd",
          "getAndIncrement",
          "getAndDecrement",
          "getAndSet",
          "addAndGet",
          "incrementAndGet",
          "decrementAndGet");

  private static final Set<String> ADDS = Set.of("add", "increment", "decrement");

  private static final AtomicLong COMPARED = new AtomicLong();
  private static final AtomicLong FAILED = new AtomicLong();
  private static final AtomicLong CHANGED = new AtomicLong();
  private static final AtomicLong ADDED = new AtomicLong();

  private CallUpdatesMain() {}

  public static void main(String[] args) throws Exception {
    ByteBuddyAgent.install().addTransformer(new Counting());
    int callers = Integer.parseInt(args[1]);
    CallOptions options = CallBytesMain.options(args[0]);
    try (Streamgauge gauge = CallBytesMain.gauge(args[0]);
        TestPair pair = TestPair.open(TestTransport.NETTY_SHADED, gauge::install, gauge::install)) {
      call(pair.channel(), options, callers);
      long[] before = {COMPARED.get(), FAILED.get(), CHANGED.get(), ADDED.get()};
      call(pair.channel(), options, callers);
      long[] after = {COMPARED.get(), FAILED.get(), CHANGED.get(), ADDED.get()};
      String[] names = {"compared", "failed", "changed", "added"};
      for (int i = 0; i < names.length; i++) {
        System.out.println(
            "updates " + names[i] + " " + (after[i] - before[i]) / (double) (CALLS * callers));
      }
    }
  }

  private static void call(ManagedChannel channel, CallOptions options, int callers)
      throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      Thread thread =
          new Thread(
              () -> {
                for (int k = 0; k < CALLS; k++) {
                  ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, options, "hello");
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  // ---- called by what is rewritten -----------------------------------------------------------

  public static void comparing() {
    COMPARED.getAndIncrement();
  }

  public static void compared(boolean tookPlace) {
    if (!tookPlace) {
      FAILED.getAndIncrement();
    }
  }

  public static void changing() {
    CHANGED.getAndIncrement();
  }

  public static void adding() {
    ADDED.getAndIncrement();
  }

  private static final class Counting implements ClassFileTransformer {
    @Override
    public byte[] transform(
        ClassLoader loader, String name, Class<?> before, ProtectionDomain domain, byte[] bytes) {
      if (!name.startsWith("io/streamgauge/internal/") || name.contains("CallUpdatesMain")) {
        return null;
      }
      ClassReader reader = new ClassReader(bytes);
      ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
      reader.accept(
          new ClassVisitor(Opcodes.ASM9, writer) {
            @Override
            public MethodVisitor visitMethod(
                int access, String method, String descriptor, String sign, String[] throwing) {
              return new CountingMethod(
                  super.visitMethod(access, method, descriptor, sign, throwing));
            }
          },
          0);
      return writer.toByteArray();
    }
  }

  private static final class CountingMethod extends MethodVisitor {
    private static final String HERE = CallUpdatesMain.class.getName().replace('.', '/');

    CountingMethod(MethodVisitor next) {
      super(Opcodes.ASM9, next);
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean ofInterface) {
      boolean atomic = owner.startsWith(ATOMIC);
      boolean compares = atomic && COMPARES.contains(name);
      if (compares) {
        tell("comparing", "()V");
      } else if (atomic && CHANGES.contains(name)) {
        tell("changing", "()V");
      } else if (atomic && owner.endsWith("Adder") && ADDS.contains(name)) {
        tell("adding", "()V");
      }
      super.visitMethodInsn(opcode, owner, name, descriptor, ofInterface);
      if (compares) {
        super.visitInsn(Opcodes.DUP);
        tell("compared", "(Z)V");
      }
    }

    private void tell(String what, String descriptor) {
      super.visitMethodInsn(Opcodes.INVOKESTATIC, HERE, what, descriptor, false);
    }
  }
}
