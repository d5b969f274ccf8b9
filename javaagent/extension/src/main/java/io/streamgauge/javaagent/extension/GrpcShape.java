package io.streamgauge.javaagent.extension;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import net.bytebuddy.description.field.FieldDescription;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.pool.TypePool;

/** What a hook relies on in one of grpc's internal classes: names and types of members. */
final class GrpcShape {

  private final String className;
  private final List<String> methods = new ArrayList<>();
  private final List<String> fields = new ArrayList<>();

  private GrpcShape(String className) {
    this.className = className;
  }

  static GrpcShape of(String className) {
    return new GrpcShape(className);
  }

  /** A method, or {@code <init>}, by name and the erased types of its parameters. */
  GrpcShape method(String name, String... parameters) {
    methods.add(name + "(" + String.join(", ", parameters) + ")");
    return this;
  }

  /** A field by name and type, supertypes not considered. */
  GrpcShape field(String name, String type) {
    fields.add(type + " " + name);
    return this;
  }

  String className() {
    return className;
  }

  /** The first thing that is not as expected, in words, or null. */
  String mismatch(TypePool pool) {
    try {
      return compare(pool);
    } catch (RuntimeException e) {
      return className + " cannot be read (" + e.getMessage() + ")";
    }
  }

  private String compare(TypePool pool) {
    TypePool.Resolution resolution = pool.describe(className);
    if (!resolution.isResolved()) {
      return "there is no " + className;
    }
    TypeDescription type = resolution.resolve();
    for (String method : methods) {
      if (type.getDeclaredMethods().stream().noneMatch(found -> is(found, method))) {
        return className + " has no " + method;
      }
    }
    for (String field : fields) {
      if (type.getDeclaredFields().stream().noneMatch(found -> is(found, field))) {
        return className + " has no " + field;
      }
    }
    return null;
  }

  /** By name first: types of other members need not even be there. */
  private static boolean is(MethodDescription.InDefinedShape found, String expected) {
    String name = found.getInternalName();
    return expected.startsWith(name + "(")
        && expected.equals(
            found.getParameters().asTypeList().asErasures().stream()
                .map(TypeDescription::getName)
                .collect(Collectors.joining(", ", name + "(", ")")));
  }

  private static boolean is(FieldDescription.InDefinedShape found, String expected) {
    return expected.endsWith(" " + found.getName())
        && expected.equals(found.getType().asErasure().getName() + " " + found.getName());
  }
}
