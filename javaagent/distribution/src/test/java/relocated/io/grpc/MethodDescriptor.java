package relocated.io.grpc;

/** As a shaded copy of grpc-api would name it. */
public final class MethodDescriptor {

  private MethodDescriptor() {}
}
